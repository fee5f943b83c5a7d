namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Ends searches that need too much time or memory. Shared by all searches of a check.</summary>
internal sealed class SearchBudget(TimeSpan time, long memory, TimeProvider clock, CancellationToken stop)
{
    private readonly long _started = clock.GetTimestamp();
    private long _taken;

    /// <summary>Why searches ended, or null.</summary>
    public string? Reason { get; private set; }

    private bool IsFull => Volatile.Read(ref _taken) > memory;

    private bool IsOver => clock.GetElapsedTime(_started) >= time;

    /// <summary>Takes memory.</summary>
    public void Take(long bytes) => Interlocked.Add(ref _taken, bytes);

    /// <summary>Returns memory.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);

    /// <summary>Whether a search may continue.</summary>
    public bool MayContinue()
    {
        stop.ThrowIfCancellationRequested();
        // A search that ends returns its memory.
        Reason ??= IsFull ? $"the memory limit of {memory >> 20} MB was reached" : IsOver ? $"the time limit of {time.TotalSeconds:0.###} s was reached" : null;
        return !IsFull && !IsOver;
    }
}
