using System.Text.RegularExpressions;

namespace KubeLab.Engine.Remote.Config;

/// <summary>The tokens of ssh_config(5), TOKENS: %h, %%, and ${VARIABLE} where ssh allows it.</summary>
/// <param name="values">The value of each token.</param>
internal sealed partial class Tokens(IReadOnlyDictionary<char, Func<string>> values)
{
    /// <summary>Expands the tokens in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="environment">Whether to expand ${VARIABLE}.</param>
    /// <exception cref="FormatException">A token is unknown or a variable is not set.</exception>
    public string Fill(string text, bool environment) => (environment ? TokenOrVariable() : Token()).Replace(text, found => found.Value switch
    {
        "%%" => "%",
        ['%', var token] => values.TryGetValue(token, out var value) ? value()
            : throw new FormatException($"'{found.Value}' in '{text}' is not a supported token"),
        ['%'] => throw new FormatException($"'{text}' ends with a single %"),
        [.., not '}'] => throw new FormatException($"'{text}' has a ${{ without a }}"),
        _ => Environment.GetEnvironmentVariable(found.Groups["name"].Value)
            ?? throw new FormatException($"'{text}' requires the environment variable {found.Groups["name"].Value}, which is not set"),
    });

    [GeneratedRegex("%.?")]
    private static partial Regex Token();

    [GeneratedRegex(@"%.?|\$\{(?<name>[^}]*)\}?")]
    private static partial Regex TokenOrVariable();
}
