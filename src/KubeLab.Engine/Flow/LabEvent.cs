namespace KubeLab.Engine.Flow;

/// <summary>What a <see cref="LabEvent"/> tells.</summary>
public enum LabEventKind
{
    /// <summary>A step begins; the progress bar of its target shows it.</summary>
    Step,

    /// <summary>Something on the machine, in the registry or in the cluster is now different from before.</summary>
    Changed,

    /// <summary>A detail for those who asked for them: a command's output, a retry, what was found unchanged.</summary>
    Detail,

    /// <summary>It goes on, but not as asked.</summary>
    Warning,
}

/// <summary>One thing the engine has to say while it works. Never holds a secret.</summary>
/// <param name="Target">What it is about: a machine, image, deployment or cluster by name.</param>
/// <param name="Kind">How it is shown.</param>
/// <param name="Message">One line.</param>
/// <param name="Percent">0 to 100 where the end is known.</param>
public sealed record LabEvent(string Target, LabEventKind Kind, string Message, int? Percent = null)
{
    /// <summary>When it happened; it may be shown later, for a cmdlet writes only when it is its turn.</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>One line for people.</summary>
    public override string ToString() => Printable.Text($"{Target}: {Message}");
}

/// <summary>The words for the common events.</summary>
public static class LabEvents
{
    private static readonly AsyncLocal<IProgress<LabEvent>?> Listener = new();

    /// <summary>Who hears of what concerns no single step, as a connection that is not secure; null: nobody.</summary>
    public static IProgress<LabEvent>? Current
    {
        get => Listener.Value;
        set => Listener.Value = value;
    }

    /// <summary>A step of <paramref name="target"/> begins.</summary>
    public static void Step(this IProgress<LabEvent> events, string target, string message, int? percent = null) =>
        events.Report(new(target, LabEventKind.Step, message, percent));

    /// <summary>Something of <paramref name="target"/> was changed.</summary>
    public static void Changed(this IProgress<LabEvent> events, string target, string message) =>
        events.Report(new(target, LabEventKind.Changed, message));

    /// <summary>A detail about <paramref name="target"/>.</summary>
    public static void Detail(this IProgress<LabEvent> events, string target, string message) =>
        events.Report(new(target, LabEventKind.Detail, message));

    /// <summary>A warning about <paramref name="target"/>.</summary>
    public static void Warning(this IProgress<LabEvent> events, string target, string message) =>
        events.Report(new(target, LabEventKind.Warning, message));
}
