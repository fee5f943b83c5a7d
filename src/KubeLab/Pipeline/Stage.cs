namespace KubeLab.Pipeline;

/// <summary>What one cmdlet of a pipeline took and changed; written to the information stream with the tag KubeLab.Stage when it ends.</summary>
/// <param name="Name">The cmdlet.</param>
/// <param name="Elapsed">From its first input to its last result. Stages of a pipeline overlap.</param>
/// <param name="Changes">How many things it changed; 0 where all was as wanted already.</param>
public sealed record Stage(string Name, TimeSpan Elapsed, int Changes)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Name}: {Elapsed.TotalSeconds:0.0} s, {(Changes == 0 ? "nothing changed" : $"{Changes} changed")}";
}
