using System.Text.RegularExpressions;

namespace KubeLab.Engine.Remote.Config;

/// <summary>The tokens of ssh_config(5), TOKENS: %h, %%, and ${VARIABLE} where these are read.</summary>
/// <param name="values">What each token stands for.</param>
internal sealed partial class Tokens(IReadOnlyDictionary<char, Func<string>> values)
{
    /// <summary>A text with its tokens filled in.</summary>
    /// <param name="text">The text.</param>
    /// <param name="environment">Whether ${VARIABLE} is read.</param>
    /// <exception cref="FormatException">A token or variable that is not known.</exception>
    public string Fill(string text, bool environment) => (environment ? TokenOrVariable() : Token()).Replace(text, found => found.Value switch
    {
        "%%" => "%",
        ['%', var token] => values.TryGetValue(token, out var value) ? value() : throw new FormatException($"'{found.Value}' in '{text}' is not a token that is known here"),
        ['%'] => throw new FormatException($"'{text}' ends with a single %"),
        [.., not '}'] => throw new FormatException($"'{text}' has a ${{ without a }}"),
        _ => Environment.GetEnvironmentVariable(found.Groups["name"].Value) ?? throw new FormatException($"'{text}' needs the environment variable {found.Groups["name"].Value}, which is not set"),
    });

    [GeneratedRegex("%.?")]
    private static partial Regex Token();

    [GeneratedRegex(@"%.?|\$\{(?<name>[^}]*)\}?")]
    private static partial Regex TokenOrVariable();
}
