using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    /// <summary>Finds an object by name, with every field that the server sent. Null if it does not exist.</summary>
    internal Task<JsonObject?> FindJsonAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        FindAsync<JsonObject>(KubeKind.Of<T>().Path(ns, name), stop);

    /// <summary>Patches an object with a strategic merge patch. Lists are merged by key (containers and variables by name).
    /// "$patch": "delete" removes an item.</summary>
    /// <remarks>kubernetes contributors/devel/sig-api-machinery/strategic-merge-patch.md.</remarks>
    internal Task<T> MergeAsync<T>(string name, string? ns, JsonObject patch, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Patch, KubeKind.Of<T>().Path(ns, name)
            + $"?fieldManager={FieldManager}", Json(patch, "application/strategic-merge-patch+json"), stop);

    /// <summary>Patches an object with a JSON patch (RFC 6902).</summary>
    internal Task<T> EditAsync<T>(string name, string? ns, JsonArray operations, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Patch, KubeKind.Of<T>().Path(ns, name)
            + $"?fieldManager={FieldManager}", Json(operations, "application/json-patch+json"), stop);

    /// <summary>Posts an object that the server does not store, such as a review or an eviction.</summary>
    internal Task<JsonElement> PostAsync(string path, JsonObject body, CancellationToken stop) =>
        SendAsync<JsonElement>(HttpMethod.Post, path, Json(body), stop);
}
