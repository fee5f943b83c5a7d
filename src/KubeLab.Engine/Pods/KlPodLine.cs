namespace KubeLab;

/// <summary>A line of output of a command in a pod.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Line">The line.</param>
/// <param name="IsError">Whether it was written to standard error.</param>
public sealed record KlPodLine(string Pod, string Line, bool IsError)
{
    /// <summary>The line.</summary>
    public override string ToString() => Line;
}
