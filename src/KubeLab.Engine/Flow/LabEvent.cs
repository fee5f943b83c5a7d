namespace KubeLab.Engine.Flow;

/// <summary>The kind of a <see cref="LabEvent"/>.</summary>
public enum LabEventKind
{
    /// <summary>A step starts. The progress bar of its target shows it.</summary>
    Step,

    /// <summary>A machine, a registry or a cluster was changed.</summary>
    Changed,

    /// <summary>A detail for verbose output: the output of a command, a retry or an object that is already up to date.</summary>
    Detail,

    /// <summary>The operation continues, but not as requested.</summary>
    Warning,
}

/// <summary>A message from the engine while it works. Must not contain secrets.</summary>
/// <param name="Target">The name of the machine, image, deployment or cluster.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Message">The text, one line.</param>
/// <param name="Percent">The progress from 0 to 100, or null.</param>
public sealed record LabEvent(string Target, LabEventKind Kind, string Message, int? Percent = null)
{
    /// <summary>The time of the event, which the cmdlet sets when it receives it. It may show it later.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Whether an identical warning is shown again. Otherwise, each command shows it once.</summary>
    public bool Repeats { get; init; }

    /// <summary>The target and the message, with control characters escaped.</summary>
    public override string ToString() => Printable.Text($"{Target}: {Message}");
}

/// <summary>Reports the common events.</summary>
public static class LabEvents
{
    private static readonly AsyncLocal<IProgress<LabEvent>?> Listener = new();

    /// <summary>Receives events that belong to no single step, such as a warning about an insecure connection; or null.</summary>
    public static IProgress<LabEvent>? Current
    {
        get => Listener.Value;
        set => Listener.Value = value;
    }

    /// <summary>Reports that a step of <paramref name="target"/> starts.</summary>
    public static void Step(this IProgress<LabEvent> events, string target, string message, int? percent = null) =>
        events.Report(new(target, LabEventKind.Step, message, percent));

    /// <summary>Reports that <paramref name="target"/> was changed.</summary>
    public static void Changed(this IProgress<LabEvent> events, string target, string message) =>
        events.Report(new(target, LabEventKind.Changed, message));

    /// <summary>Reports a detail about <paramref name="target"/>.</summary>
    public static void Detail(this IProgress<LabEvent> events, string target, string message) =>
        events.Report(new(target, LabEventKind.Detail, message));

    /// <summary>Reports a warning about <paramref name="target"/>.</summary>
    public static void Warning(this IProgress<LabEvent> events, string target, string message) =>
        events.Report(new(target, LabEventKind.Warning, message));
}
