using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>An object of any kind, with every field that the server sent.</summary>
/// <remarks>An object from the server keeps its text and the metadata that lists need. Its other fields are parsed on first use, because most objects
/// of a long list are never inspected.</remarks>
[JsonConverter(typeof(Converter))]
internal sealed class KubeObject : IKubernetesObject<V1ObjectMeta>
{
    private readonly byte[] _sent = [];
    private JsonObject? _json;

    /// <param name="json">The object. It is stored, not copied.</param>
    public KubeObject(JsonObject json) => _json = json;

    private KubeObject(JsonElement sent)
    {
        _sent = JsonMarshal.GetRawUtf8Value(sent).ToArray();
        ApiVersion = Text(sent, "apiVersion") ?? "";
        Kind = Text(sent, "kind") ?? "";
        var metadata = sent.TryGetProperty("metadata", out var found) ? found : default;
        Metadata = Read(field => Text(metadata, field));
    }

    public JsonObject Json => _json ??= Parse();

    public string ApiVersion { get => _json is null ? field ?? "" : Text(Json, "apiVersion") ?? ""; set => Set("apiVersion", field = value); }

    public string Kind { get => _json is null ? field ?? "" : Text(Json, "kind") ?? ""; set => Set("kind", field = value); }

    public string Name => (_json is null ? Metadata.Name : Text(Json["metadata"], "name")) ?? "";

    public string? Namespace => (_json is null ? Metadata.NamespaceProperty : Text(Json["metadata"], "namespace")) is { Length: > 0 } ns ? ns : null;

    /// <summary>The metadata that lists and watches need. Everything else is in <see cref="Json"/>.</summary>
    public V1ObjectMeta Metadata { get => field ??= Read(name => Text(Json["metadata"], name)); set; }

    /// <summary>Converts it to a model of the package. Fields that the model does not have are dropped.</summary>
    public T As<T>() where T : IKubernetesObject<V1ObjectMeta>
    {
        var typed = JsonSerializer.Deserialize<T>(_json is null ? _sent : JsonSerializer.SerializeToUtf8Bytes(_json), KubeModels.Options)!;
        (typed.ApiVersion, typed.Kind) = (ApiVersion, Kind);
        return typed;
    }

    private JsonObject Parse()
    {
        var json = JsonNode.Parse(_sent)!.AsObject();
        // Items of a list omit apiVersion and kind.
        foreach (var (field, value) in ((string, string)[])[("apiVersion", ApiVersion), ("kind", Kind)])
            if (value.Length > 0)
                json[field] = value;
        return json;
    }

    private void Set(string field, string value)
    {
        if (_json is not null)
            _json[field] = value;
    }

    private static V1ObjectMeta Read(Func<string, string?> text) => new()
    {
        Name = text("name") ?? "",
        NamespaceProperty = text("namespace") is { Length: > 0 } ns ? ns : null,
        Uid = text("uid"),
        ResourceVersion = text("resourceVersion"),
        CreationTimestamp = Time(text("creationTimestamp")),
        DeletionTimestamp = Time(text("deletionTimestamp")),
    };

    private static DateTime? Time(string? text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static string? Text(JsonNode? of, string field) => of is JsonObject map && map[field] is JsonValue value
        && value.TryGetValue<string>(out var text) ? text : null;

    private static string? Text(JsonElement of, string field) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed class Converter : JsonConverter<KubeObject>
    {
        public override KubeObject Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var sent = JsonDocument.ParseValue(ref reader);
            return sent.RootElement.ValueKind == JsonValueKind.Object ? new(sent.RootElement) : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, KubeObject value, JsonSerializerOptions options) => value.Json.WriteTo(writer, options);
    }
}
