using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab;

/// <summary>Details of an object as kubectl describe shows them, as lines of text. Properties without content are empty.</summary>
public sealed record KubeDetail
{
    /// <summary>Labels.</summary>
    public string Labels { get; init; } = "";

    /// <summary>Annotations.</summary>
    public string Annotations { get; init; } = "";

    /// <summary>Conditions: type, status, age and reason.</summary>
    public string Conditions { get; init; } = "";

    /// <summary>Containers: image, state, ports, environment, probes, resources, mounts.</summary>
    public string Containers { get; init; } = "";

    /// <summary>Volumes.</summary>
    public string Volumes { get; init; } = "";

    /// <summary>The controller, such as ReplicaSet/web-7d4.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The selector of its pods.</summary>
    public string Selector { get; init; } = "";

    /// <summary>The update strategy.</summary>
    public string Strategy { get; init; } = "";

    /// <summary>Taints.</summary>
    public string Taints { get; init; } = "";

    /// <summary>The total resources of a node.</summary>
    public string Capacity { get; init; } = "";

    /// <summary>The resources of a node that pods can use.</summary>
    public string Allocatable { get; init; } = "";

    /// <summary>Keys of a ConfigMap or Secret and their sizes in bytes.</summary>
    public string Data { get; init; } = "";

    /// <summary>Session affinity and traffic policies of a service.</summary>
    public string Policies { get; init; } = "";

    /// <summary>Details of any kind: those that all kinds have, and the keys and sizes of a ConfigMap or Secret, as kubectl describe shows a Secret.</summary>
    internal static KubeDetail Of(KubeObject seen, DateTimeOffset now)
    {
        var metadata = seen.Json["metadata"] as JsonObject;
        return new()
        {
            Labels = Map(Texts(metadata?["labels"])),
            Annotations = Map(Shown(Texts(metadata?["annotations"]))),
            Owner = (metadata?["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>()
                .FirstOrDefault(o => o["controller"]?.ToString() == "true") is { } owner ? $"{owner["kind"]}/{owner["name"]}" : "",
            Conditions = Lines((seen.Json["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>()
                .Select(c => Condition($"{c["type"]}", $"{c["status"]}",
                DateTime.TryParse(c["lastTransitionTime"]?.ToString(), CultureInfo.InvariantCulture,
                    DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var since) ? since : null,
                c["reason"]?.ToString(), c["message"]?.ToString(), now))),
            Data = Lines(Sizes(seen.Json["data"], isText: seen.Kind != "Secret").Concat(Sizes(seen.Json["binaryData"], isText: false))),
        };
    }

    internal static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);

    /// <summary>The details that all kinds have.</summary>
    internal static KubeDetail Of(V1ObjectMeta metadata) => new() { Labels = Map(metadata.Labels), Annotations = Map(Shown(metadata.Annotations)) };

    // kubectl describe hides it too.
    private static Dictionary<string, string> Shown(IDictionary<string, string>? annotations) =>
        (annotations ?? new Dictionary<string, string>()).Where(a => a.Key != HiddenSecret.Copy)
            .ToDictionary(a => a.Key, a => a.Value);

    private static Dictionary<string, string> Texts(JsonNode? map) =>
        (map as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "");

    private static IEnumerable<string> Sizes(JsonNode? data, bool isText) => Texts(data).OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => $"{pair.Key}: {(isText ? Encoding.UTF8.GetByteCount(pair.Value) : HiddenSecret.Size(pair.Value))} bytes");

    private static string Map(IDictionary<string, string>? map) =>
        Lines((map ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    internal static string Amounts(IDictionary<string, ResourceQuantity>? amounts) =>
        string.Join(", ", (amounts ?? new Dictionary<string, ResourceQuantity>()).Select(a => $"{a.Key} {a.Value}"));

    internal static string Condition(string type, string status, DateTime? since, string? reason, string? message, DateTimeOffset now) =>
        string.Join("  ", new[] { $"{type} {status}", KubeAge.Since(since, now)?.ToString(), reason, message }.Where(part => !string.IsNullOrEmpty(part)));
}
