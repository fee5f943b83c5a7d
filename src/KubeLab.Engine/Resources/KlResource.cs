using System.Collections.Specialized;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab;

/// <summary>An object of any kind with all fields from the API server.</summary>
public sealed record KlResource : IKubeRecord, IEventSubject
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The kind, such as Deployment.</summary>
    public required string Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace; null if the kind is not namespaced.</summary>
    public string? Namespace { get; init; }

    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The API version, such as apps/v1.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>Time since creation.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>Created, Changed or Unchanged after apply; Added, Modified or Deleted in a watch; otherwise null.</summary>
    public string? Change { get; init; }

    /// <summary>The complete object as dictionaries, arrays, strings and numbers.</summary>
    internal OrderedDictionary Object => field ??= (OrderedDictionary)Plain(Shown)!;

    object IKubeRecord.Object => Object;

    string IKubeRecord.Json => Json;

    /// <summary>The complete object as JSON that can be applied again, except for a Secret whose values are hidden.</summary>
    internal string Json => Shown.ToJsonString(Readable);

    /// <summary>The object with everything that the server sent. It is never written to the output.</summary>
    internal JsonObject Source => Seen.Json;

    private JsonObject Shown => field ??= Kind == "Secret" && !ShowsSecret ? HiddenSecret.Of(Source) : Source;

    internal KubeObject Seen { get; init; } = new([]);

    internal bool ShowsSecret { get; init; }

    internal DateTimeOffset Read { get; init; }

    /// <summary>Additional details for the list view.</summary>
    public KubeDetail Detail() => KubeDetail.Of(new KubeObject(Source), Read);

    KubeSubject IEventSubject.Subject => new(Kind, Name, Namespace, Cluster, Kind == "Node" ? null : new KubeObject(Source).Metadata.Uid);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlResource From(KubeObject seen, string cluster, DateTimeOffset now, string? change = null, bool showSecret = false) => new()
    {
        Kind = seen.Kind,
        Name = seen.Name,
        Namespace = seen.Namespace,
        Cluster = cluster,
        ApiVersion = seen.ApiVersion,
        Age = KubeAge.Since(seen.Metadata.CreationTimestamp, now),
        Read = now,
        Change = change,
        Seen = seen,
        ShowsSecret = showSecret,
    };

    private static object? Plain(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                var plain = new OrderedDictionary(map.Count);
                foreach (var (key, value) in map)
                    plain[key] = Plain(value);
                return plain;
            case JsonArray items:
                return items.Select(Plain).ToArray();
            case JsonValue value:
                return value.TryGetValue<bool>(out var flag) ? flag : value.TryGetValue<long>(out var whole) ? whole
                    : value.TryGetValue<double>(out var real) ? real : value.ToString();
            default:
                return null;
        }
    }
}
