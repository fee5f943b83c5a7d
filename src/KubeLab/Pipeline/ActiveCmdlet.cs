namespace KubeLab.Pipeline;

/// <summary>The cmdlet that is waiting for its work on a pipeline thread. Only this cmdlet can write.</summary>
internal sealed class ActiveCmdlet
{
    [ThreadStatic]
    private static ActiveCmdlet? _current;

    private volatile KlCmdlet? _holder;

    public static ActiveCmdlet Current => _current ??= new();

    /// <summary>The waiting cmdlet, unless it is <paramref name="cmdlet"/>. Can be called from any thread.</summary>
    public KlCmdlet? OtherThan(KlCmdlet cmdlet) => _holder is { } holder && holder != cmdlet ? holder : null;

    /// <summary>Makes <paramref name="cmdlet"/> the waiting cmdlet until the result is disposed. In nested pipelines, the outer cmdlet is then
    /// restored.</summary>
    public IDisposable Activate(KlCmdlet cmdlet)
    {
        var outer = _holder;
        _holder = cmdlet;
        return new End(this, outer);
    }

    private sealed class End(ActiveCmdlet active, KlCmdlet? outer) : IDisposable
    {
        public void Dispose() => active._holder = outer;
    }
}
