using System.Text.RegularExpressions;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

/// <summary>Every ErrorId is a constant, so that scripts can rely on it and the snapshot of the public API lists it.</summary>
public sealed partial class ErrorIdTests
{
    private static readonly HashSet<string> Ids = [.. typeof(ErrorIds).GetFields().Select(field => (string)field.GetValue(null)!)];

    [Fact]
    public void An_error_is_created_with_a_constant_as_its_id() => AssertNone(
        from file in Repository.Sources("src")
        from created in Created().Matches(File.ReadAllText(file))
        where created.Groups["id"].Value.AsSpan().IndexOfAny('"', '+') >= 0
        select $"{file}: {created.Value}");

    [Fact]
    public void No_ErrorId_is_repeated_as_a_string() => AssertNone(
        from file in Repository.Sources("src")
        where !Path.GetFileName(file).StartsWith("ErrorIds.", StringComparison.Ordinal)
        from text in Literal().Matches(File.ReadAllText(file))
        where Ids.Contains(text.Groups[1].Value)
        select $"{file}: {text.Value}");

    [Fact]
    public void A_constant_has_the_name_of_its_id() =>
        Assert.DoesNotContain(typeof(ErrorIds).GetFields(), field => field.Name != (string)field.GetValue(null)!);

    private static void AssertNone(IEnumerable<string> found) => Assert.True(!found.Any(), string.Join('\n', found));

    // The first argument, if the second is a kind: new KlException(ErrorIds.X, KlErrorKind.Y, ...), or new(...) where the type is known.
    [GeneratedRegex("""\bnew(?: KlException)?\(\s*(?<id>(?:[^(),"]|"[^"]*"|\([^()]*\))+),\s*(?:KlErrorKind\.|kind,|\w+\.Kind,)""")]
    private static partial Regex Created();

    // Not the constants of another list.
    [GeneratedRegex("(?<!const string \\w+ = )\"([A-Z][A-Za-z]+)\"")]
    private static partial Regex Literal();
}
