namespace KubeLab.Engine.Remote;

/// <summary>A thread of the pool that SSH.NET blocks. The pool keeps one more for as long, or it would make others wait half a second for each.</summary>
internal sealed class PoolThread : IDisposable
{
    private static readonly Lock Gate = new();

    private PoolThread() => Add(1);

    /// <summary>Says that one will be blocked until this is disposed.</summary>
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
