namespace KubeLab.Cmdlets.Reliability;

/// <summary>Objects that wait for the pipeline. Memory is bounded: those that are too many are counted and not written. Thread-safe.</summary>
/// <param name="limit">The maximum number of objects that wait.</param>
/// <param name="post">Runs an action on the pipeline's thread later.</param>
/// <param name="write">Writes an object to the pipeline.</param>
internal sealed class BoundedOutput<T>(int limit, Action<Action> post, Action<T> write)
{
    private int _waiting;
    private long _dropped;

    /// <summary>The objects that were not written.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Writes an object later, unless too many wait.</summary>
    public void Add(T one)
    {
        if (Interlocked.Increment(ref _waiting) > limit)
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _dropped);
            return;
        }
        post(() =>
        {
            Interlocked.Decrement(ref _waiting);
            write(one);
        });
    }
}
