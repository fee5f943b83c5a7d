using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>An object of any kind, with every field the server sent.</summary>
/// <param name="json">The object; kept, not copied.</param>
[JsonConverter(typeof(Converter))]
internal sealed class KubeObject(JsonObject json) : IKubernetesObject<V1ObjectMeta>
{
    public JsonObject Json { get; } = json;

    public string ApiVersion { get => Text(Json, "apiVersion") ?? ""; set => Json["apiVersion"] = value; }

    public string Kind { get => Text(Json, "kind") ?? ""; set => Json["kind"] = value; }

    public string Name => Text(Json["metadata"], "name") ?? "";

    public string? Namespace => Text(Json["metadata"], "namespace") is { Length: > 0 } ns ? ns : null;

    /// <summary>What lists and watches look at; all else is in <see cref="Json"/>.</summary>
    public V1ObjectMeta Metadata
    {
        get => field ??= new()
        {
            Name = Name,
            NamespaceProperty = Namespace,
            Uid = Text(Json["metadata"], "uid"),
            ResourceVersion = Text(Json["metadata"], "resourceVersion"),
            CreationTimestamp = Time("creationTimestamp"),
            DeletionTimestamp = Time("deletionTimestamp"),
        };
        set;
    }

    private DateTime? Time(string field) =>
        DateTime.TryParse(Text(Json["metadata"], field), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static string? Text(JsonNode? of, string field) => of is JsonObject map && map[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private sealed class Converter : JsonConverter<KubeObject>
    {
        public override KubeObject Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(JsonNode.Parse(ref reader)!.AsObject());

        public override void Write(Utf8JsonWriter writer, KubeObject value, JsonSerializerOptions options) => value.Json.WriteTo(writer, options);
    }
}
