using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>Writes data as YAML that all readers interpret alike: YAML 1.1 and 1.2, and JSON in flow style.</summary>
internal static partial class YamlText
{
    // Marks a scalar that is written unchanged. The character is not valid in YAML.
    private const char Raw = '\0';

    /// <summary>Formats a node in block style, without a final line break.</summary>
    public static string Block(JsonNode? node, int column = 0) => string.Join('\n', Lines(node).Select(line => new string(' ', column) + line));

    /// <summary>Formats a node in flow style on one line, which is also JSON.</summary>
    public static string Flow(JsonNode? node) => node switch
    {
        JsonObject map => $"{{{string.Join(", ", map.Select(pair => $"{Flow(pair.Key)}: {Flow(pair.Value)}"))}}}",
        JsonArray items => $"[{string.Join(", ", items.Select(Flow))}]",
        JsonValue value => value.GetValue<string>() is var text && text.StartsWith(Raw) ? text[1..] : Quoted(text),
        _ => "null",
    };

    /// <summary>Formats a string as a scalar in block style. It is plain if all readers interpret it as a string.</summary>
    public static string Scalar(string text) => text.StartsWith(Raw) ? text[1..] : IsText(text) ? text : Quoted(text);

    /// <summary>Converts a node to data. A plain scalar that a reader may not interpret as a string (a number, a date, true) is kept unchanged, and differs
    /// from every string.</summary>
    public static JsonNode? Data(YamlNode node) => node switch
    {
        _ when node.IsNull() => null,
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(Key(pair.Key), Data(pair.Value)))),
        YamlSequenceNode items => new JsonArray([.. items.Select(Data)]),
        YamlScalarNode scalar => Key(scalar),
        _ => throw new YamlException(node.Start, node.End, "Unknown kind of node."),
    };

    private static string Key(YamlNode node) => node is not YamlScalarNode { Value: { } text } scalar
        ? throw new YamlException(node.Start, node.End, "A key is not a scalar.")
        : scalar.Style != ScalarStyle.Plain || IsText(text) || !scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific
        && scalar.Tag.Value == "tag:yaml.org,2002:str" ? text : Raw + text;

    private static bool IsText(string text) => Plain().IsMatch(text) && !text.EndsWith(':')
        && text.ToUpperInvariant() is not ("NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");

    private static IEnumerable<string> Lines(JsonNode? node) => node switch
    {
        JsonObject { Count: > 0 } map => map.SelectMany(pair => pair.Value switch
        {
            JsonObject { Count: > 0 } => Lines(pair.Value).Select(line => "  " + line).Prepend(Scalar(pair.Key) + ":"),
            JsonArray { Count: > 0 } => Lines(pair.Value).Prepend(Scalar(pair.Key) + ":"),
            _ => [$"{Scalar(pair.Key)}: {Lines(pair.Value).Single()}"],
        }),
        JsonArray { Count: > 0 } items => items.SelectMany(item => Lines(item).Select((line, i) => (i == 0 ? "- " : "  ") + line)),
        JsonValue value => [Scalar(value.GetValue<string>())],
        _ => [Flow(node)],
    };

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value is '"' or '\\')
                quoted.Append('\\').Append(rune);
            else if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or 0xFEFF or 0xFFFE or 0xFFFF)
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                quoted.Append(rune);
        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"\A[A-Za-z/][A-Za-z0-9_./@:+=-]*\z")]
    private static partial Regex Plain();
}
