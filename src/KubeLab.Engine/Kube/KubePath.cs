using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

/// <summary>What kubectl's JSONPath most often says: {.status.phase}, .spec.ports[0].port, .items[*].name, .status.conditions[?(@.type=="Ready")].status, .metadata.labels['a.b/c'].</summary>
/// <remarks>https://kubernetes.io/docs/reference/kubectl/jsonpath</remarks>
internal static partial class KubePath
{
    /// <summary>The values it leads to.</summary>
    /// <exception cref="KlException">JsonPathInvalid.</exception>
    public static IReadOnlyList<JsonNode> Find(JsonNode root, string path)
    {
        var rest = path.Trim();
        rest = rest is ['{', .. var inner, '}'] ? inner.Trim() : rest;
        rest = rest.TrimStart('$');
        rest = rest.StartsWith('.') || rest.StartsWith('[') ? rest : "." + rest;
        IEnumerable<JsonNode?> found = [root];
        while (rest.Length > 0)
        {
            var step = Step().Match(rest);
            if (!step.Success)
                throw new KlException("JsonPathInvalid", KlErrorKind.InvalidInput, path, $"The JSONPath '{path}' is not understood at '{rest}'.", "Write it as in {.status.phase} or {.spec.ports[0].port}.");
            found = Take(found, step.Groups);
            rest = rest[step.Length..];
        }
        return [.. found.OfType<JsonNode>()];
    }

    private static IEnumerable<JsonNode?> Take(IEnumerable<JsonNode?> from, GroupCollection step)
    {
        if (step["name"] is { Success: true } name)
            return from.Select(node => (node as JsonObject)?[name.Value.Replace("\\.", ".", StringComparison.Ordinal)]);
        if (step["all"].Success)
            return from.SelectMany(node => node is JsonObject map ? map.Select(pair => pair.Value) : node as JsonArray ?? []);
        if (step["key"] is { Success: true } key)
            return from.SelectMany(node => node as JsonArray ?? []).Where(one => one is JsonObject map && map[key.Value]?.ToString() == step["value"].Value);
        var index = int.Parse(step["index"].ValueSpan, CultureInfo.InvariantCulture);
        return from.OfType<JsonArray>().Select(items => items.ElementAtOrDefault(index < 0 ? index + items.Count : index));
    }

    [GeneratedRegex("""^(\.(?<all>\*)|\[(?<all>\*)\]|\.(?<name>([^.\[\]\\*]|\\\.)+)|\[['"](?<name>[^'"]+)['"]\]|\[(?<index>-?[0-9]{1,9})\]|\[\?\(@\.(?<key>[A-Za-z0-9]+) *== *['"](?<value>[^'"]*)['"]\)\])""", RegexOptions.ExplicitCapture)]
    private static partial Regex Step();
}
