using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeLab.Engine.Kube;
using SharpYaml;
using SharpYaml.Events;

namespace KubeLab.Engine.Manifests;

/// <summary>A document of a manifest.</summary>
/// <param name="Object">The content.</param>
/// <param name="Source">The file, URL or other origin.</param>
/// <param name="Line">The first line, counted from 1.</param>
internal sealed record ManifestDocument(JsonObject Object, string Source, long Line)
{
    public string Place => $"{Source}, line {Line}";
}

/// <summary>Reads manifests like kubectl does: lines that begin with --- split the text. Each part consists of JSON objects, followed by YAML.</summary>
/// <remarks>SharpYaml scans like libyaml and go-yaml; YamlDotNet differs. Two things that kubectl ignores are errors here: duplicate keys, and text
/// after a document in the same part.</remarks>
internal static partial class ManifestText
{
    // Far more than any manifest needs, but few enough to avoid a stack overflow.
    private const int MaxDepth = 500;

    /// <summary>The documents in order. Lists are expanded, and empty documents are skipped.</summary>
    /// <exception cref="KlException">ManifestInvalid, with line and column.</exception>
    public static IReadOnlyList<ManifestDocument> Read(string source, string text)
    {
        var reader = new ManifestDocumentReader();
        return [.. Parts(source, text.TrimStart('\uFEFF')).SelectMany(part => Documents(source, part.Line, part.Text, reader)).SelectMany(Items)];
    }

    /// <summary>Returns the objects of a manifest in its order, but namespaces and custom resource definitions first.</summary>
    /// <exception cref="KlException">ManifestInvalid.</exception>
    public static IEnumerable<JsonObject> Objects(string source, string text) => Read(source, text).Select(one => one.Object).OrderBy(ManifestOrder.Of);

    // Every line gets its \n, so that a block scalar keeps its last one if the file ends without it.
    private static IEnumerable<(long Line, string Text)> Parts(string source, string text)
    {
        var (part, first, number) = (new StringBuilder(), 1L, 0L);
        foreach (var line in (text.EndsWith('\n') ? text[..^1] : text).Split('\n').Select(line => line.EndsWith('\r') ? line[..^1] : line))
        {
            number++;
            if (!line.StartsWith("---", StringComparison.Ordinal))
            {
                part.Append(line).Append('\n');
                continue;
            }
            if (line.AsSpan(3).Trim() is { Length: > 0 } rest && rest[0] != '#')
                throw Invalid(source, number, 4, "a line that begins with --- separates documents; only a comment may follow.");
            yield return (first, part.ToString());
            (first, _) = (number + 1, part.Clear());
        }
        yield return (first, part.ToString());
    }

    private static List<ManifestDocument> Documents(string source, long line, string text, ManifestDocumentReader reader)
    {
        var documents = new List<ManifestDocument>();
        text = text.TrimStart('\uFEFF');
        var utf8 = Encoding.UTF8.GetBytes(text.AsSpan().TrimStart().StartsWith("{") ? text : "");
        var at = 0;
        while (Json(utf8, ref at) is { } one)
            documents.Add(new(one, source, line + utf8.AsSpan(0, at).Count((byte)'\n')));
        if (at > 0)
            (line, text) = (line + utf8.AsSpan(0, at).Count((byte)'\n'), Encoding.UTF8.GetString(utf8, at, utf8.Length - at));
        documents.AddRange(Yaml(source, line, text, reader));
        return documents;
    }

    /// <summary>Reads the JSON object at a position, and moves the position past it. Null if the text is not a valid JSON object.</summary>
    private static JsonObject? Json(byte[] utf8, ref int at)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8.AsSpan(at), new JsonReaderOptions { AllowMultipleValues = true });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            var one = JsonNode.Parse(ref reader)!.AsObject();
            Validate(one);
            at += (int)reader.BytesConsumed;
            return one;
        }
        catch (Exception yaml) when (yaml is JsonException or InvalidOperationException or ArgumentException)
        {
            // It may be YAML in flow style. The YAML reader reports the position of errors.
            return null;
        }
    }

    // JsonNode detects duplicate keys and unpaired surrogates only on access.
    private static void Validate(JsonNode? node, int depth = 0)
    {
        if (depth > MaxDepth)
            throw new YamlException($"the nesting exceeds {MaxDepth} levels.");
        if (node is JsonObject map)
            foreach (var (_, value) in map)
                Validate(value, depth + 1);
        else if (node is JsonArray items)
            foreach (var item in items)
                Validate(item, depth + 1);
        else
            (node as JsonValue)?.TryGetValue<string>(out _);
    }

    private static List<ManifestDocument> Yaml(string source, long line, string text, ManifestDocumentReader reader)
    {
        if (Control().Match(text) is { Success: true, Index: var control })
            throw Invalid(source, line + text.AsSpan(0, control).Count('\n'), control - text.LastIndexOf('\n', control),
                $"the control character U+{(int)text[control]:X4} is not allowed.");
        var documents = new List<ManifestDocument>();
        try
        {
            var events = new EventReader(Parser.CreateParser(new StringReader(text), MaxDepth));
            events.Expect<StreamStart>();
            while (events.Allow<DocumentStart>() is not null)
            {
                var at = events.Peek<ParsingEvent>()!;
                switch (reader.Read(events))
                {
                    case null:
                        break;
                    case JsonObject one:
                        Validate(one);
                        documents.Add(new(one, source, line + at.Start.Line));
                        break;
                    default:
                        throw ManifestDocumentReader.Invalid(at, "a document must be a mapping.");
                }
                events.Expect<DocumentEnd>();
            }
            return documents;
        }
        catch (YamlException error)
        {
            throw Invalid(source, line + error.Start.Line, error.Start.Column + 1, error.Message.Split("): ", 2)[^1], error);
        }
    }

    // Like client-go's unstructured.UnstructuredJSONScheme: an item of a ConfigMapList does not need a kind.
    private static IEnumerable<ManifestDocument> Items(ManifestDocument list)
    {
        var text = new KubeObject(list.Object);
        if (!text.Kind.EndsWith("List", StringComparison.Ordinal) || !list.Object.TryGetPropertyValue("items", out var items))
            return [list];
        if (items is not (null or JsonArray))
            throw Invalid(list.Source, list.Line, 1, $"the items of a {text.Kind} must be a list.");
        return (items as JsonArray ?? []).SelectMany(item =>
        {
            if (item?.DeepClone() is not JsonObject one)
                throw Invalid(list.Source, list.Line, 1, $"an item of a {text.Kind} is not an object.");
            if (text.Kind != "List" && one["kind"] is null)
                (one["kind"], one["apiVersion"]) = (text.Kind[..^"List".Length], text.ApiVersion);
            return Items(list with { Object = one });
        });
    }

    // Characters that go-yaml's reader rejects (readerc.go).
    [GeneratedRegex(@"[^\t\n\r -~\x85\xA0-\uFFFD]")]
    private static partial Regex Control();

    private static KlException Invalid(string source, long line, long column, string why, Exception? inner = null) =>
        new(ErrorIds.ManifestInvalid, KlErrorKind.InvalidInput, source, $"{source}, line {line}, column {column}: {why}",
            "Correct the manifest. Nothing in it was applied.", inner);
}
