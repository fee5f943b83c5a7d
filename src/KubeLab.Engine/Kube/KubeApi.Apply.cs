using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    /// <summary>The name under which KubeLab owns fields.</summary>
    public const string FieldManager = "kubelab";

    private readonly ConcurrentDictionary<string, IReadOnlyList<KubeKind>> _kinds = new();

    /// <summary>Server-side apply with field manager "kubelab"; fields that others own are taken over.</summary>
    /// <param name="desired">The object; its metadata.namespace is set where the kind lives in namespaces.</param>
    /// <param name="stop">Ends it.</param>
    public Task<Applied<T>> ApplyAsync<T>(T desired, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> => ApplyAsync(desired, force: true, stop);

    /// <summary>Server-side apply with field manager "kubelab".</summary>
    /// <param name="desired">The object; its metadata.namespace is set where the kind lives in namespaces.</param>
    /// <param name="force">Takes over fields that others own; otherwise they are a KubeConflict that names field and owner.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<Applied<T>> ApplyAsync<T>(T desired, bool force, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = KubeKind.Of<T>();
        var body = Node(desired).AsObject();
        body["apiVersion"] = kind.ApiVersion;
        body["kind"] = kind.Kind;
        var (after, changed) = await ApplyAsync(kind.Path(desired.Metadata.NamespaceProperty, desired.Metadata.Name), body, force, stop);
        return new(after.Deserialize<T>(_json)!, changed);
    }

    /// <summary>Server-side apply of an object of any kind the server knows; fields that others own are taken over.</summary>
    public Task<Applied<JsonObject>> ApplyAsync(JsonObject desired, CancellationToken stop) => ApplyAsync(desired, force: true, stop);

    /// <summary>Server-side apply of an object of any kind the server knows.</summary>
    /// <param name="desired">The object; without a namespace it goes to <see cref="DefaultNamespace"/> where its kind lives in one.</param>
    /// <param name="force">Takes over fields that others own; otherwise they are a KubeConflict that names field and owner.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">KubeKindUnknown, KubeInvalid, KubeConflict, ...</exception>
    public async Task<Applied<JsonObject>> ApplyAsync(JsonObject desired, bool force, CancellationToken stop)
    {
        if (desired["apiVersion"]?.GetValue<string>() is not { Length: > 0 } version || desired["kind"]?.GetValue<string>() is not { Length: > 0 } kindName
            || desired["metadata"]?["name"]?.GetValue<string>() is not { Length: > 0 } name)
            throw new KlException("KubeInvalid", KlErrorKind.InvalidInput, "manifest", "An object needs apiVersion, kind and metadata.name.");
        var kind = await KindAsync(version, kindName, stop);
        var ns = kind.Namespaced == true ? desired["metadata"]!["namespace"]?.GetValue<string>() ?? DefaultNamespace : null;
        var (after, changed) = await ApplyAsync(kind.Path(ns, name), desired, force, stop);
        return new(after, changed);
    }

    /// <summary>A kind that the server serves. What it serves is asked once, and again for a kind not seen before.</summary>
    /// <exception cref="KlException">KubeKindUnknown.</exception>
    internal async Task<KubeKind> KindAsync(string apiVersion, string kind, CancellationToken stop)
    {
        if (_kinds.TryGetValue(apiVersion, out var known) && known.FirstOrDefault(k => k.Kind == kind) is { } found)
            return found;
        var list = await FindAsync<V1APIResourceList>(KubeKind.RootOf(apiVersion), stop);
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "";
        var served = (list?.Resources ?? []).Where(r => !r.Name.Contains('/', StringComparison.Ordinal))
            .Select(r => new KubeKind(group, apiVersion.Split('/')[^1], r.Kind, r.Name) { Namespaced = r.Namespaced }).ToList();
        _kinds[apiVersion] = served;
        return served.Find(k => k.Kind == kind) ?? throw new KlException("KubeKindUnknown", KlErrorKind.InvalidInput, $"{apiVersion} {kind}",
            $"{Cluster} serves no {kind} in {apiVersion}.", "Look at the spelling, or apply the CustomResourceDefinition first.");
    }

    private async Task<(JsonObject After, bool Changed)> ApplyAsync(string path, JsonObject body, bool force, CancellationToken stop)
    {
        // Servers before 1.24 raise resourceVersion even where an apply changes nothing, so the content is compared.
        var before = await FindAsync<JsonObject>(path, stop);
        var after = await SendAsync<JsonObject>(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}&force={(force ? "true" : "false")}",
            Json(body, "application/apply-patch+yaml"), stop);
        return (after, before is null || !JsonNode.DeepEquals(Content(before), Content(after)));
    }

    /// <summary>An object without what the server keeps about it.</summary>
    private static JsonObject Content(JsonObject seen)
    {
        var content = seen.DeepClone().AsObject();
        content.Remove("status");
        if (content["metadata"] is JsonObject metadata)
            foreach (var kept in (string[])["managedFields", "resourceVersion", "generation"])
                metadata.Remove(kept);
        return content;
    }
}
