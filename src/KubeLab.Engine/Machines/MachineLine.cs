namespace KubeLab;

/// <summary>One line that a command printed on a machine.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Line">Without the line end.</param>
/// <param name="IsError">It came on standard error.</param>
public sealed record MachineLine(string Machine, string Line, bool IsError)
{
    /// <summary>The line.</summary>
    public override string ToString() => Line;
}
