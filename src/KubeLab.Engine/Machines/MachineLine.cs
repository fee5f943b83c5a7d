namespace KubeLab;

/// <summary>A line of a command's output on a machine.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Line">The text without its line break.</param>
/// <param name="IsError">Whether it was written to standard error.</param>
public sealed record MachineLine(string Machine, string Line, bool IsError)
{
    /// <summary>The line.</summary>
    public override string ToString() => Line;
}
