using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeLab.Engine.Kube;

/// <summary>A document of a manifest.</summary>
/// <param name="Object">What it says.</param>
/// <param name="Source">The file, URL or other place it came from.</param>
/// <param name="Line">Where it begins, from 1 on; 0 where unknown.</param>
internal sealed record ManifestDocument(JsonObject Object, string Source, long Line)
{
    public string Place => Line > 0 ? $"{Source}, line {Line}" : Source;
}

/// <summary>Manifests as kubectl reads them: JSON, or YAML whose plain scalars mean what they mean to go-yaml v2 (sigs.k8s.io/yaml).</summary>
internal static class ManifestText
{
    /// <summary>Its documents in order, lists taken apart; empty ones are left out.</summary>
    /// <exception cref="KlException">ManifestInvalid names the place.</exception>
    public static IReadOnlyList<ManifestDocument> Read(string source, string text) =>
        [.. (Json(source, text) ?? Yaml(source, text)).SelectMany(Items)];

    private static IEnumerable<ManifestDocument> Items(ManifestDocument one) =>
        one.Object["kind"] is JsonValue kind && kind.TryGetValue<string>(out var name) && name.EndsWith("List", StringComparison.Ordinal) && one.Object["items"] is JsonArray items
            ? items.OfType<JsonObject>().Select(item => one with { Object = item.DeepClone().AsObject() }).SelectMany(Items)
            : [one];

    private static List<ManifestDocument>? Json(string source, string text)
    {
        if (!text.AsSpan().TrimStart('\uFEFF').TrimStart().StartsWith("{"))
            return null;
        try
        {
            var documents = new List<ManifestDocument>();
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF')), new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                // Nodes look for keys that are there twice when they are first asked.
                var one = JsonNode.Parse(ref reader)!.AsObject();
                _ = one.Count;
                documents.Add(new(one, source, 0));
            }
            return documents;
        }
        catch (Exception yaml) when (yaml is JsonException or InvalidOperationException or ArgumentException)
        {
            // YAML in flow style begins the same; its reader names the place.
            return null;
        }
    }

    private static List<ManifestDocument> Yaml(string source, string text)
    {
        var parser = new Parser(new StringReader(text.TrimStart('\uFEFF')));
        try
        {
            var documents = new List<ManifestDocument>();
            parser.Consume<StreamStart>();
            while (parser.TryConsume<DocumentStart>(out _))
            {
                var at = parser.Current!.Start;
                switch (new ManifestDocumentReader(parser).Read())
                {
                    case null:
                        break;
                    case JsonObject one:
                        documents.Add(new(one, source, at.Line));
                        break;
                    default:
                        throw new YamlException(at, at, "a document that is no mapping.");
                }
                parser.Consume<DocumentEnd>();
            }
            return documents;
        }
        catch (Exception error) when (error is YamlException or InvalidOperationException)
        {
            // So YamlDotNet's scanner answers, without a word, a line within braces that stands further left than they do.
            var why = error is YamlException ? error.Message : "a brace or bracket is not closed, or a line within it stands further left than what it belongs to.";
            var at = error is YamlException { Start.Line: > 0 } yaml ? yaml.Start : parser.Current?.End ?? default;
            // The most common fault; the scanner notices it late and names where the value began.
            if (text.Split('\n').Skip((int)at.Line - 1).Index().FirstOrDefault(line => line.Item.TrimStart(' ').StartsWith('\t')) is (var further, { } tab))
                at = new(0, at.Line + further, tab.IndexOf('\t', StringComparison.Ordinal) + 1);
            throw new KlException("ManifestInvalid", KlErrorKind.InvalidInput, source, $"{source}, line {at.Line}, column {at.Column}: {why}",
                "Correct it; nothing of it was applied.", error);
        }
    }

}
