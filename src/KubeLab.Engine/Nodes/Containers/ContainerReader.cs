using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Nodes.Containers;

/// <summary>Reads the output of Scripts/containers.sh: the JSON of crictl ps and crictl images, in Base64. Nothing in it is trusted.</summary>
internal sealed class ContainerReader
{
    private const int MaxLength = 32 << 20;
    private static readonly string[] States = ["Created", "Running", "Exited", "Unknown"];

    private readonly Dictionary<string, StringBuilder> _documents = new() { ["C"] = new(), ["I"] = new() };

    /// <summary>Reads a line.</summary>
    public void Take(string line)
    {
        if (line.Split(' ', 2) is [var name, var data] && _documents.TryGetValue(name, out var document) && document.Length < MaxLength)
            document.Append(data);
    }

    /// <summary>The containers by namespace, pod and name, the newest attempt first.</summary>
    /// <exception cref="KlException">ContainersUnreadable.</exception>
    public IReadOnlyList<KlContainer> Read(string node, DateTimeOffset now)
    {
        try
        {
            var images = Items("I", "images").SelectMany(image => (Field(image, "repoTags", "repo_tags") as JsonArray ?? [])
                    .Concat(Field(image, "repoDigests", "repo_digests") as JsonArray ?? []).Take(1).Select(name => (Id: Text(image["id"]), Name: Text(name))))
                .Where(one => one is { Id: not null, Name: not null }).DistinctBy(one => one.Id).ToDictionary(one => one.Id!, one => one.Name);
            return
            [
                .. Items("C", "containers").Select(one => Container(node, one, images, now)).OrderBy(one => one.Namespace, StringComparer.Ordinal)
                    .ThenBy(one => one.Pod, StringComparer.Ordinal).ThenBy(one => one.Name, StringComparer.Ordinal).ThenByDescending(one => one.Attempt),
            ];
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException)
        {
            throw new KlException(ErrorIds.ContainersUnreadable, KlErrorKind.Failed, node,
                $"{node}: crictl returned a list that cannot be read: {error.Message}", null, error);
        }
    }

    private static KlContainer Container(string node, JsonObject one, Dictionary<string, string?> images, DateTimeOffset now)
    {
        var (metadata, labels, image) = (one["metadata"] as JsonObject, one["labels"] as JsonObject, one["image"] as JsonObject);
        var reference = Text(image?["image"]) ?? Text(Field(one, "imageRef", "image_ref"));
        DateTime? created = Number(Field(one, "createdAt", "created_at")) is > 0 and var time ? DateTime.UnixEpoch.AddTicks(time / 100) : null;
        return new()
        {
            Node = node,
            Id = Text(one["id"]) ?? "",
            Name = Text(metadata?["name"]) ?? "",
            Namespace = Text(labels?["io.kubernetes.pod.namespace"]),
            Pod = Text(labels?["io.kubernetes.pod.name"]),
            State = StateOf(one["state"]),
            Image = Text(image?["userSpecifiedImage"]) ?? images.GetValueOrDefault(reference ?? "") ?? reference,
            Attempt = (int)Math.Clamp(Number(metadata?["attempt"]), 0, int.MaxValue),
            Created = created,
            Age = KubeAge.Since(created, now),
        };
    }

    // CONTAINER_RUNNING, or the number of the state, which is absent for 0.
    private static string StateOf(JsonNode? state) => Text(state) is { } text
        ? States.FirstOrDefault(one => text.Equals("CONTAINER_" + one, StringComparison.OrdinalIgnoreCase)) ?? "Unknown"
        : States.ElementAtOrDefault((int)Math.Clamp(Number(state), 0, States.Length - 1))!;

    private IEnumerable<JsonObject> Items(string document, string name)
    {
        var json = Encoding.UTF8.GetString(Convert.FromBase64String(_documents[document].ToString()));
        return json.Length == 0 ? [] : (JsonNode.Parse(json)?[name] as JsonArray ?? []).OfType<JsonObject>();
    }

    // The names of proto3 JSON, and those of the Go types.
    private static JsonNode? Field(JsonObject of, string name, string goName) => of[name] ?? of[goName];

    private static string? Text(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.String && node.GetValue<string>() is { Length: > 0 } text ? text : null;

    // proto3 JSON has 64-bit numbers as strings.
    private static long Number(JsonNode? node) => node?.GetValueKind() is JsonValueKind.String or JsonValueKind.Number
        && long.TryParse(node.ToString(), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
