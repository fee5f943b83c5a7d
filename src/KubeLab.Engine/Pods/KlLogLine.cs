namespace KubeLab;

/// <summary>One line of a container's log.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Container">The container.</param>
/// <param name="Time">When the container wrote it, by the clock of its node; null if unknown.</param>
/// <param name="Line">The line.</param>
public sealed record KlLogLine(string Pod, string Namespace, string Container, DateTimeOffset? Time, string Line)
{
    /// <summary>The line.</summary>
    public override string ToString() => Line;
}
