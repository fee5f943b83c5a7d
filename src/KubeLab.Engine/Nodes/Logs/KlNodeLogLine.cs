namespace KubeLab;

/// <summary>One line of a log of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Source">The systemd unit, kernel, or NAMESPACE/POD/CONTAINER.</param>
/// <param name="Time">When it was written, by the clock of the node; null if unknown.</param>
/// <param name="Text">The line.</param>
public sealed record KlNodeLogLine(string Node, string Source, DateTimeOffset? Time, string Text)
{
    /// <summary>The line.</summary>
    public override string ToString() => Text;
}
