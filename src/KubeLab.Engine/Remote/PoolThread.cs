namespace KubeLab.Engine.Remote;

/// <summary>Adds a thread to the pool while SSH.NET blocks one. Otherwise the pool would delay other work by half a second per blocked thread.</summary>
internal sealed class PoolThread : IDisposable
{
    private static readonly Lock Gate = new();

    private PoolThread() => Add(1);

    /// <summary>Announces a thread that is blocked until this is disposed.</summary>
    public static PoolThread Blocked() => new();

    /// <inheritdoc/>
    public void Dispose() => Add(-1);

    private static void Add(int threads)
    {
        lock (Gate)
        {
            ThreadPool.GetMinThreads(out var workers, out var ports);
            ThreadPool.SetMinThreads(workers + threads, ports);
        }
    }
}
