using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>Reads the values of a mapping by key, including merged ones (&lt;&lt;).</summary>
internal static class KubeconfigYaml
{
    public static string? Text(this YamlMappingNode map, string key) => map.Value(key) is YamlScalarNode { Value: { Length: > 0 } text } scalar
        && !scalar.IsNull() ? text : null;

    /// <summary>Whether a value is true in YAML 1.1.</summary>
    public static bool Flag(this YamlMappingNode map, string key) => map.Text(key)?.ToUpperInvariant() is "TRUE" or "YES" or "ON" or "Y";

    public static IEnumerable<YamlNode> Items(this YamlMappingNode map, string key) => map.Value(key) as YamlSequenceNode ?? [];

    public static YamlMappingNode? Map(this YamlMappingNode map, string key) => map.Value(key) as YamlMappingNode;

    public static YamlNode? Value(this YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value
        : map.Children.TryGetValue(new YamlScalarNode("<<"), out var merged)
            ? (merged as YamlSequenceNode ?? [merged]).OfType<YamlMappingNode>().Select(one => one.Value(key)).FirstOrDefault(one => one is not null) : null;

    /// <summary>Whether a node is YAML's null.</summary>
    public static bool IsNull(this YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };
}
