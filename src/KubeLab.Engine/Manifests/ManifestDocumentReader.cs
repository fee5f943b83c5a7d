using System.Globalization;
using System.Text.Json.Nodes;
using SharpYaml;
using SharpYaml.Events;

namespace KubeLab.Engine.Manifests;

/// <summary>Reads YAML documents as JSON, like sigs.k8s.io/yaml. Anchors are valid within one document.</summary>
internal sealed class ManifestDocumentReader
{
    // Far more than any manifest needs, but few enough to stop aliases of aliases from filling the memory.
    private const int MaxRepeated = 1_000_000;
    private readonly Dictionary<string, JsonNode?> _anchors = [];
    private int _repeated;

    /// <exception cref="YamlException">The document is invalid; with line and column.</exception>
    public JsonNode? Read(EventReader events)
    {
        _anchors.Clear();
        return Node(events);
    }

    /// <summary>An error with line and column.</summary>
    public static YamlException Invalid(ParsingEvent at, string why) => new(at.Start, at.End, why);

    private JsonNode? Node(EventReader events)
    {
        var next = events.Expect<ParsingEvent>();
        if (next is AnchorAlias alias)
            return Alias(alias);
        var anchor = (next as NodeEvent)?.Anchor ?? "";
        // An anchor is not defined within its own node.
        _anchors.Remove(anchor);
        JsonNode? value = next switch
        {
            Scalar scalar => YamlScalar.Resolve(scalar),
            SequenceStart => Sequence(events),
            _ => Mapping(events),
        };
        if (anchor.Length > 0)
            _anchors[anchor] = value;
        return value;
    }

    private JsonNode? Alias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out var known))
            throw Invalid(alias, $"the alias *{alias.Value} refers to an undefined anchor.");
        if ((_repeated += Size(known)) > MaxRepeated)
            throw Invalid(alias, $"aliases expand to more than {MaxRepeated} values.");
        return known?.DeepClone();
    }

    private JsonArray Sequence(EventReader events)
    {
        var items = new JsonArray();
        while (events.Allow<SequenceEnd>() is null)
            items.Add(Node(events));
        return items;
    }

    private JsonObject Mapping(EventReader events)
    {
        var (map, keys) = (new JsonObject(), new HashSet<string>());
        while (events.Allow<MappingEnd>() is null)
        {
            var at = events.Peek<ParsingEvent>()!;
            var isMerge = at is Scalar { Value: "<<" } sign && (sign.Style == ScalarStyle.Plain || sign.Tag == "tag:yaml.org,2002:merge");
            var key = Key(Node(events), at);
            var isAlias = events.Peek<ParsingEvent>() is AnchorAlias;
            var value = Node(events);
            if (isMerge)
                Merge(map, value, isAlias, at);
            else if (keys.Add(key))
                map[key] = value;
            else
                throw Invalid(at, $"the key '{key}' is duplicated.");
        }
        return map;
    }

    // Later merges override earlier ones, and earlier keys. Within a list, the first mapping wins.
    private static void Merge(JsonObject map, JsonNode? value, bool isAlias, ParsingEvent at)
    {
        IEnumerable<JsonNode?> merged = value is JsonArray list && !isAlias ? list.Reverse() : [value];
        foreach (var one in merged)
            foreach (var (key, more) in one as JsonObject ?? throw Invalid(at, "<< requires a mapping or a list of mappings."))
                map[key] = more?.DeepClone();
    }

    // Integers, numbers and booleans become strings.
    private static string Key(JsonNode? key, ParsingEvent at) =>
        key is not JsonValue value || value.TryGetValue<ulong>(out var big) && big > long.MaxValue
            ? throw Invalid(at, "a key must be a string, a number or a boolean.")
        : value.TryGetValue<double>(out var real) ? ((float)real).ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant()
        : value.ToString();

    private static int Size(JsonNode? node) => 1 + node switch
    {
        JsonObject map => map.Sum(pair => Size(pair.Value)),
        JsonArray items => items.Sum(Size),
        _ => 0,
    };
}
