using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube;

/// <summary>Values of a mapping by key.</summary>
internal static class KubeconfigYaml
{
    public static string? Text(this YamlMappingNode map, string key) => map.Value(key) is YamlScalarNode { Value: { Length: > 0 } text } ? text : null;

    public static IEnumerable<YamlNode> Items(this YamlMappingNode map, string key) => map.Value(key) as YamlSequenceNode ?? [];

    public static YamlMappingNode? Map(this YamlMappingNode map, string key) => map.Value(key) as YamlMappingNode;

    private static YamlNode? Value(this YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
}
