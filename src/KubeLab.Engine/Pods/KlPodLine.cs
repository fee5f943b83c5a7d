namespace KubeLab;

/// <summary>A line that a command in a pod printed.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Line">The line.</param>
/// <param name="IsError">Whether it came on the error output.</param>
public sealed record KlPodLine(string Pod, string Line, bool IsError)
{
    /// <summary>The line.</summary>
    public override string ToString() => Line;
}
