namespace KubeLab.Pipeline;

/// <summary>Which of the cmdlets on one pipeline thread is waiting for its work: that one alone may write.</summary>
internal sealed class ActiveCmdlet
{
    [ThreadStatic]
    private static ActiveCmdlet? _ofThisThread;

    private volatile KlCmdlet? _holder;

    public static ActiveCmdlet OfThisThread => _ofThisThread ??= new();

    /// <summary>Who waits, unless it is <paramref name="cmdlet"/>; read from any thread.</summary>
    public KlCmdlet? OtherThan(KlCmdlet cmdlet) => _holder is { } holder && holder != cmdlet ? holder : null;

    /// <summary>It is <paramref name="cmdlet"/>'s turn until the result is disposed; then, where pipelines are nested, the outer one's again.</summary>
    public IDisposable Take(KlCmdlet cmdlet)
    {
        var outer = _holder;
        _holder = cmdlet;
        return new End(this, outer);
    }

    private sealed class End(ActiveCmdlet turn, KlCmdlet? outer) : IDisposable
    {
        public void Dispose() => turn._holder = outer;
    }
}
