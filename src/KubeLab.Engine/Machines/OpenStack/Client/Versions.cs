using System.Text.Json.Nodes;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>One version of a service's API.</summary>
/// <param name="Major">2, 3, ...</param>
/// <param name="Segment">The first segment of its paths, for example v2.1.</param>
/// <param name="Min">The oldest microversion.</param>
/// <param name="Max">The newest microversion.</param>
internal sealed record ServiceVersion(int Major, string Segment, Microversion? Min, Microversion? Max);

/// <summary>Parses the version documents of services.</summary>
/// <remarks>API-SIG, "Version Discovery". Only the last segment of links is used, because the rest is often wrong behind proxies.</remarks>
internal static class Versions
{
    /// <summary>The versions in a document, newest first.</summary>
    public static IReadOnlyList<ServiceVersion> In(JsonNode? document)
    {
        var all = (document as JsonObject)?["versions"] switch
        {
            JsonArray many => many,
            JsonObject keystone => keystone["values"] as JsonArray,
            _ => (document as JsonObject)?["version"] is JsonObject one ? [one.DeepClone()] : null,
        };
        return [.. (all ?? []).OfType<JsonObject>().Select(Read).OfType<ServiceVersion>().OrderByDescending(one => one.Major)
            .ThenByDescending(one => one.Max)];
    }

    private static ServiceVersion? Read(JsonObject version)
    {
        if (Microversion.Parse((string?)version["id"] is { } id ? id.Contains('.', StringComparison.Ordinal) ? id : id + ".0" : null) is not { } number)
            return null;
        var self = (version["links"] as JsonArray)?.FirstOrDefault(link => (string?)link?["rel"] == "self")?["href"];
        var segment = (string?)self is { } href && Uri.TryCreate(href, UriKind.Absolute, out var uri) ? uri.Segments[^1].Trim('/') : "";
        return new(number.Major, segment.StartsWith('v') ? segment : (string)version["id"]!,
            Microversion.Parse((string?)version["min_version"]), Microversion.Parse((string?)version["version"] ?? (string?)version["max_version"]));
    }
}
