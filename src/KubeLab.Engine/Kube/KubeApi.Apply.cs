using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    /// <summary>The field manager of KubeLab.</summary>
    public const string FieldManager = "kubelab";

    private readonly ConcurrentDictionary<string, IReadOnlyList<KubeKind>> _kinds = new();

    /// <summary>Server-side apply with field manager "kubelab". Takes over fields that other managers own.</summary>
    /// <param name="desired">The object. Set metadata.namespace if the kind is namespaced.</param>
    /// <param name="stop">Cancels the operation.</param>
    public Task<ApplyResult<T>> ApplyAsync<T>(T desired, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        ApplyAsync(desired, force: true, stop);

    /// <summary>Server-side apply with field manager "kubelab".</summary>
    /// <param name="desired">The object. Set metadata.namespace if the kind is namespaced.</param>
    /// <param name="force">Takes over fields that other managers own. Otherwise, they cause KubeConflict, which names the field and its manager.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task<ApplyResult<T>> ApplyAsync<T>(T desired, bool force, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = KubeKind.Of<T>();
        var body = Node(desired).AsObject();
        body["apiVersion"] = kind.ApiVersion;
        body["kind"] = kind.Kind;
        var path = kind.Path(desired.Metadata.NamespaceProperty, desired.Metadata.Name);
        var before = await FindAsync<JsonObject>(path, stop);
        var after = await SendApplyAsync(path, body, force, dryRun: false, stop);
        return new(after.Deserialize<T>(JsonOptions)!, IsChange(before, after));
    }

    /// <summary>Server-side apply of an object of any kind. Takes over fields that other managers own.</summary>
    public Task<ApplyResult<JsonObject>> ApplyAsync(JsonObject desired, CancellationToken stop) => ApplyAsync(desired, force: true, stop);

    /// <summary>Server-side apply of an object of any kind.</summary>
    /// <param name="desired">The object. A namespaced object without a namespace is applied to <see cref="DefaultNamespace"/>.</param>
    /// <param name="force">Takes over fields that other managers own. Otherwise, they cause KubeConflict, which names the field and its manager.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">KubeKindNotFound, KubeInvalid, KubeConflict, ...</exception>
    public async Task<ApplyResult<JsonObject>> ApplyAsync(JsonObject desired, bool force, CancellationToken stop)
    {
        var (before, after) = await ApplyAsync(desired, force, dryRun: false, null, stop);
        return new(after, IsChange(before, after));
    }

    /// <summary>Like <see cref="ApplyAsync(JsonObject, bool, CancellationToken)"/>, but also returns the previous object (null if it did not exist).</summary>
    /// <param name="desired">The object.</param>
    /// <param name="force">Takes over fields that other managers own.</param>
    /// <param name="dryRun">Submits a server-side dry run, which changes nothing.</param>
    /// <param name="find">Finds the existing object by kind, namespace and name. If null, the server is queried.</param>
    /// <param name="stop">Cancels the operation.</param>
    internal async Task<(JsonObject? Before, JsonObject After)> ApplyAsync(JsonObject desired, bool force, bool dryRun,
        Func<KubeKind, string?, string, CancellationToken, Task<JsonObject?>>? find, CancellationToken stop)
    {
        var (kind, ns, name) = await LocateAsync(desired, stop);
        var path = kind.Path(ns, name);
        var before = await (find?.Invoke(kind, ns, name, stop) ?? FindAsync<JsonObject>(path, stop));
        var isClientSide = ClientSideApply.OwnershipPatch(before, FieldManager) is not null;
        if (isClientSide && !dryRun)
            await TransferOwnershipAsync(path, before, stop);
        // A dry run cannot transfer ownership first, so it ignores the conflicts that the transfer would resolve.
        return (before, await SendApplyAsync(path, desired, force || isClientSide && dryRun, dryRun, stop));
    }

    /// <summary>Locates an object: its kind, its namespace (null if cluster-scoped) and its name.</summary>
    /// <exception cref="KlException">KubeInvalid, KubeKindNotFound.</exception>
    internal async Task<(KubeKind Kind, string? Namespace, string Name)> LocateAsync(JsonObject one, CancellationToken stop)
    {
        var text = new KubeObject(one);
        if (text.ApiVersion.Length == 0 || text.Kind.Length == 0 || text.Name.Length == 0)
            throw new KlException(ErrorIds.KubeInvalid, KlErrorKind.InvalidInput, "manifest", "An object needs apiVersion, kind and metadata.name.");
        var kind = await KindAsync(text.ApiVersion, text.Kind, stop);
        return (kind, kind.Namespaced == true ? text.Namespace ?? DefaultNamespace : null, text.Name);
    }

    /// <summary>Finds a kind that the server serves. The API resources of a group version are cached, and read again for an unknown kind.</summary>
    /// <exception cref="KlException">KubeKindNotFound.</exception>
    internal async Task<KubeKind> KindAsync(string apiVersion, string kind, CancellationToken stop)
    {
        if (_kinds.TryGetValue(apiVersion, out var known) && known.FirstOrDefault(k => k.Kind == kind) is { } found)
            return found;
        var list = await GroupAsync(apiVersion, kind, stop);
        var served = Kinds(apiVersion, list);
        _kinds[apiVersion] = served;
        return served.Find(k => k.Kind == kind) ?? throw new KlException(ErrorIds.KubeKindNotFound, KlErrorKind.InvalidInput, $"{apiVersion} {kind}",
            $"{Cluster} does not serve the kind {kind} in {apiVersion}.", "Check the spelling, or apply the CustomResourceDefinition first.");
    }

    private async Task<V1APIResourceList?> GroupAsync(string apiVersion, string kind, CancellationToken stop)
    {
        try
        {
            return await FindAsync<V1APIResourceList>(KubeKind.RootOf(apiVersion), stop);
        }
        catch (KlException down) when (down.InnerException is KubeStatusException { Code: >= 500 })
        {
            throw new KlException(ErrorIds.KubeGroupUnavailable, KlErrorKind.Unreachable, $"{apiVersion} {kind}",
                $"{Cluster} could not determine whether it serves {kind}, because the API group {apiVersion} did not respond: {down.Message}",
                "Check its APIService and the pods that serve it (kubectl get apiservices).", down);
        }
    }

    private async Task TransferOwnershipAsync(string path, JsonObject? before, CancellationToken stop)
    {
        for (var tries = 1; ClientSideApply.OwnershipPatch(before, FieldManager) is { } patch; tries++)
            try
            {
                before = await SendAsync<JsonObject>(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}",
                    Json(patch, "application/json-patch+json"), stop);
            }
            catch (KlException changed) when (changed.ErrorId == ErrorIds.KubeConflict && tries < MaxRetries)
            {
                before = await FindAsync<JsonObject>(path, stop);
            }
    }

    private Task<JsonObject> SendApplyAsync(string path, JsonObject body, bool force, bool dryRun, CancellationToken stop) =>
        SendAsync<JsonObject>(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}&force={(force ? "true" : "false")}{(dryRun ? "&dryRun=All" : "")}",
            Json(body, "application/apply-patch+yaml"), stop);

    // Servers before 1.24 raise resourceVersion even where an apply changes nothing, so the content is compared.
    internal static bool IsChange(JsonObject? before, JsonObject after) => before is null || !JsonNode.DeepEquals(Content(before), Content(after));

    /// <summary>Copies an object without the fields that the server maintains.</summary>
    internal static JsonObject Content(JsonObject seen)
    {
        var content = seen.DeepClone().AsObject();
        content.Remove("status");
        if (content["metadata"] is JsonObject metadata)
            foreach (var kept in (string[])["managedFields", "resourceVersion", "generation"])
                metadata.Remove(kept);
        return content;
    }
}
