using System.Globalization;

namespace KubeLab.Pipeline;

/// <summary>The duration and changes of one cmdlet in a pipeline, written to the information stream with the tag KubeLab.Stage.</summary>
/// <param name="Name">The cmdlet.</param>
/// <param name="Elapsed">Time from the first input to the last result. The stages of a pipeline overlap.</param>
/// <param name="Changes">The number of changes.</param>
public sealed record Stage(string Name, TimeSpan Elapsed, int Changes)
{
    /// <summary>One line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: {Elapsed.TotalSeconds:0.0} s, {(Changes == 0 ? "nothing changed" : $"{Changes} changed")}");
}
