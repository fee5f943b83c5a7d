using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeLab.Engine.Kube;

/// <summary>Reads one YAML document as JSON; anchors live as long as it.</summary>
internal sealed class ManifestDocumentReader(Parser parser)
{
    // Far beyond any manifest, far below what overflows a stack or fills a memory by aliases of aliases.
    private const int Deepest = 200;
    private const int MostNodes = 5_000_000;
    private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
    private int _nodes;

    /// <exception cref="YamlException">With the place.</exception>
    public JsonNode? Read(int depth = 0)
    {
        var next = parser.Consume<ParsingEvent>();
        if (depth > Deepest || ++_nodes > MostNodes)
            throw new YamlException(next.Start, next.End, "this is nested, or repeated by aliases, beyond all measure.");
        if (next is AnchorAlias alias)
            return Alias(alias);
        JsonNode? value = next switch
        {
            Scalar scalar => YamlScalar.Resolve(scalar),
            SequenceStart => Sequence(depth),
            _ => Mapping(depth),
        };
        if (next is NodeEvent { Anchor: { IsEmpty: false } anchor })
            _anchors[anchor] = value;
        return value;
    }

    private JsonNode? Alias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out var known))
            throw new YamlException(alias.Start, alias.End, $"the alias *{alias.Value} has no anchor before it.");
        _nodes += Size(known);
        return known?.DeepClone();
    }

    private JsonArray Sequence(int depth)
    {
        var items = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(Read(depth + 1));
        return items;
    }

    private JsonObject Mapping(int depth)
    {
        var (map, merged) = (new JsonObject(), new List<JsonObject>());
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var at = parser.Current!;
            var isMerge = at is Scalar { Value: "<<", Style: ScalarStyle.Plain };
            var key = Key(Read(depth + 1), at);
            var value = Read(depth + 1);
            if (isMerge)
                merged.AddRange((value as JsonArray)?.OfType<JsonObject>() ?? (value is JsonObject one ? [one] : throw new YamlException(at.Start, at.End, "<< needs a mapping.")));
            else if (!map.TryAdd(key, value))
                throw new YamlException(at.Start, at.End, $"the key '{key}' is there twice.");
        }
        foreach (var (key, value) in merged.SelectMany(one => one))
            map.TryAdd(key, value?.DeepClone());
        return map;
    }

    // sigs.k8s.io/yaml convertToJSONableObject: scalars that are no text become the text of what they mean.
    private static string Key(JsonNode? key, ParsingEvent at) => key is JsonValue value ? value.ToString()
        : throw new YamlException(at.Start, at.End, "a key has to be a text, number or boolean.");

    private static int Size(JsonNode? node) => 1 + node switch
    {
        JsonObject map => map.Sum(pair => Size(pair.Value)),
        JsonArray items => items.Sum(Size),
        _ => 0,
    };
}
