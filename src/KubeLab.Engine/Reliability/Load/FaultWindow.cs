namespace KubeLab.Engine.Reliability.Load;

/// <summary>The time in which a fault can have an effect.</summary>
/// <param name="Fault">The fault.</param>
internal sealed record FaultWindow(KlFault Fault)
{
    // A service can fail some time after its cause: caches expire, connections time out.
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(10);

    // The time at which a fault took effect is known only to about the duration of a command.
    private static readonly TimeSpan Uncertainty = TimeSpan.FromSeconds(1);

    private DateTimeOffset End => Fault.Ended ?? Fault.Ends;

    /// <summary>The start of its phase.</summary>
    public DateTimeOffset From => Fault.Started;

    /// <summary>The end of its phase: when its target had recovered or, if this was not awaited, some time after the fault ended.</summary>
    public DateTimeOffset To => End + (Fault.Recovery ?? Aftermath);

    /// <summary>The faults that explain an outage: those in whose phase it falls, otherwise those whose phase ended shortly
    /// before or started shortly after.</summary>
    public static IReadOnlyList<KlFault> Causes(IReadOnlyList<FaultWindow> windows, DateTimeOffset from, DateTimeOffset to)
    {
        var active = windows.Where(window => window.From <= to && from <= window.To).ToList();
        var causes = active.Count > 0 ? active
            : windows.Where(window => window.From - Uncertainty <= to && from <= window.End + (window.Fault.Recovery ?? TimeSpan.Zero) + Aftermath);
        return [.. causes.Select(window => window.Fault)];
    }
}
