using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    /// <summary>An object by name with every field the server sent, or null where there is none.</summary>
    internal Task<JsonObject?> FindWholeAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        FindAsync<JsonObject>(KubeKind.Of<T>().Path(ns, name), stop);

    /// <summary>Changes an object by a strategic merge patch: lists merge by their keys (containers and variables by name), "$patch": "delete" takes an item out.</summary>
    /// <remarks>kubernetes contributors/devel/sig-api-machinery/strategic-merge-patch.md.</remarks>
    internal Task<T> MergeAsync<T>(string name, string? ns, JsonObject patch, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Patch, KubeKind.Of<T>().Path(ns, name) + $"?fieldManager={FieldManager}", Json(patch, "application/strategic-merge-patch+json"), stop);

    /// <summary>Changes an object by a JSON patch (RFC 6902).</summary>
    internal Task<T> EditAsync<T>(string name, string? ns, JsonArray operations, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Patch, KubeKind.Of<T>().Path(ns, name) + $"?fieldManager={FieldManager}", Json(operations, "application/json-patch+json"), stop);

    /// <summary>Asks a question by a POST whose answer is not kept, as reviews and evictions are.</summary>
    internal Task<JsonElement> PostAsync(string path, JsonObject body, CancellationToken stop) => SendAsync<JsonElement>(HttpMethod.Post, path, Json(body), stop);
}
