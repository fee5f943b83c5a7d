using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Manifests;

/// <summary>The fields that differ between two objects.</summary>
internal static class FieldDiff
{
    /// <summary>Path, old value and new value. Items of a list are identified by name if all have one.</summary>
    public static IEnumerable<(string Path, string? Before, string? After)> Of(JsonNode? before, JsonNode? after, string path = "")
    {
        if (JsonNode.DeepEquals(before, after))
            return [];
        if (before is JsonObject old && after is JsonObject now)
            return old.Select(pair => pair.Key).Union(now.Select(pair => pair.Key))
                .SelectMany(key => Of(old[key], now[key], path.Length == 0 ? key : Field(path, key)));
        if (before is not JsonArray olds || after is not JsonArray nows)
            return [(path, before?.ToJsonString().Trim('"'), after?.ToJsonString().Trim('"'))];
        var (was, becomes) = (Keyed(olds), Keyed(nows));
        if (was is null || becomes is null)
            (was, becomes) = (Numbered(olds), Numbered(nows));
        return was.Keys.Union(becomes.Keys).SelectMany(key => Of(was.GetValueOrDefault(key), becomes.GetValueOrDefault(key), $"{path}[{key}]"));
    }

    private static string Field(string path, string key) => key.Contains('.', StringComparison.Ordinal) ? $"{path}['{key}']" : $"{path}.{key}";

    private static Dictionary<string, JsonNode?>? Keyed(JsonArray items)
    {
        var keyed = new Dictionary<string, JsonNode?>();
        return items.All(one => one is JsonObject map && map["name"] is JsonValue name && name.TryGetValue<string>(out var text) && keyed.TryAdd(text, one))
            ? keyed : null;
    }

    private static Dictionary<string, JsonNode?> Numbered(JsonArray items) =>
        items.Select((one, at) => (one, at)).ToDictionary(pair => pair.at.ToString(CultureInfo.InvariantCulture), pair => pair.one);
}
