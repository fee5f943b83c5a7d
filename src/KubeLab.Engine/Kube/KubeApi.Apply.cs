using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    /// <summary>The name under which KubeLab owns fields.</summary>
    public const string FieldManager = "kubelab";

    private readonly ConcurrentDictionary<string, IReadOnlyList<KubeKind>> _kinds = new();

    /// <summary>Server-side apply with field manager "kubelab"; fields that others own are taken over.</summary>
    /// <param name="desired">The object; its metadata.namespace is set where the kind lives in namespaces.</param>
    /// <param name="stop">Ends it.</param>
    public Task<ApplyResult<T>> ApplyAsync<T>(T desired, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> => ApplyAsync(desired, force: true, stop);

    /// <summary>Server-side apply with field manager "kubelab".</summary>
    /// <param name="desired">The object; its metadata.namespace is set where the kind lives in namespaces.</param>
    /// <param name="force">Takes over fields that others own; otherwise they are a KubeConflict that names field and owner.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<ApplyResult<T>> ApplyAsync<T>(T desired, bool force, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var kind = KubeKind.Of<T>();
        var body = Node(desired).AsObject();
        body["apiVersion"] = kind.ApiVersion;
        body["kind"] = kind.Kind;
        var path = kind.Path(desired.Metadata.NamespaceProperty, desired.Metadata.Name);
        var before = await FindAsync<JsonObject>(path, stop);
        var after = await PutAsync(path, body, force, dryRun: false, stop);
        return new(after.Deserialize<T>(JsonOptions)!, IsChange(before, after));
    }

    /// <summary>Server-side apply of an object of any kind the server knows; fields that others own are taken over.</summary>
    public Task<ApplyResult<JsonObject>> ApplyAsync(JsonObject desired, CancellationToken stop) => ApplyAsync(desired, force: true, stop);

    /// <summary>Server-side apply of an object of any kind the server knows.</summary>
    /// <param name="desired">The object; without a namespace it goes to <see cref="DefaultNamespace"/> where its kind lives in one.</param>
    /// <param name="force">Takes over fields that others own; otherwise they are a KubeConflict that names field and owner.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">KubeKindUnknown, KubeInvalid, KubeConflict, ...</exception>
    public async Task<ApplyResult<JsonObject>> ApplyAsync(JsonObject desired, bool force, CancellationToken stop)
    {
        var (before, after) = await ApplyAsync(desired, force, dryRun: false, null, stop);
        return new(after, IsChange(before, after));
    }

    /// <summary>As <see cref="ApplyAsync(JsonObject, bool, CancellationToken)"/>, with what was there before (null: nothing).</summary>
    /// <param name="desired">The object.</param>
    /// <param name="force">Takes over fields that others own.</param>
    /// <param name="dryRun">Asks the server what would come of it, and changes nothing.</param>
    /// <param name="find">Finds what was there before by kind, namespace and name; null: the server is asked.</param>
    /// <param name="stop">Ends it.</param>
    internal async Task<(JsonObject? Before, JsonObject After)> ApplyAsync(JsonObject desired, bool force, bool dryRun, Func<KubeKind, string?, string, CancellationToken, Task<JsonObject?>>? find, CancellationToken stop)
    {
        var (kind, ns, name) = await PlaceAsync(desired, stop);
        var path = kind.Path(ns, name);
        var before = await (find?.Invoke(kind, ns, name, stop) ?? FindAsync<JsonObject>(path, stop));
        var isClientSide = ClientSideApply.TakenOver(before, FieldManager) is not null;
        if (isClientSide && !dryRun)
            await TakeOverAsync(path, before, stop);
        // A dry run cannot take over first: it looks past the conflicts that taking over ends.
        return (before, await PutAsync(path, desired, force || isClientSide && dryRun, dryRun, stop));
    }

    /// <summary>Where the server keeps an object: its kind, its namespace where its kind lives in one, and its name.</summary>
    /// <exception cref="KlException">KubeInvalid, KubeKindUnknown.</exception>
    internal async Task<(KubeKind Kind, string? Namespace, string Name)> PlaceAsync(JsonObject one, CancellationToken stop)
    {
        var text = new KubeObject(one);
        if (text.ApiVersion.Length == 0 || text.Kind.Length == 0 || text.Name.Length == 0)
            throw new KlException(ErrorIds.KubeInvalid, KlErrorKind.InvalidInput, "manifest", "An object needs apiVersion, kind and metadata.name.");
        var kind = await KindAsync(text.ApiVersion, text.Kind, stop);
        return (kind, kind.Namespaced == true ? text.Namespace ?? DefaultNamespace : null, text.Name);
    }

    /// <summary>A kind that the server serves. What it serves is asked once, and again for a kind not seen before.</summary>
    /// <exception cref="KlException">KubeKindUnknown.</exception>
    internal async Task<KubeKind> KindAsync(string apiVersion, string kind, CancellationToken stop)
    {
        if (_kinds.TryGetValue(apiVersion, out var known) && known.FirstOrDefault(k => k.Kind == kind) is { } found)
            return found;
        var list = await GroupAsync(apiVersion, kind, stop);
        var served = Kinds(apiVersion, list);
        _kinds[apiVersion] = served;
        return served.Find(k => k.Kind == kind) ?? throw new KlException(ErrorIds.KubeKindUnknown, KlErrorKind.InvalidInput, $"{apiVersion} {kind}",
            $"{Cluster} serves no {kind} in {apiVersion}.", "Look at the spelling, or apply the CustomResourceDefinition first.");
    }

    private async Task<V1APIResourceList?> GroupAsync(string apiVersion, string kind, CancellationToken stop)
    {
        try
        {
            return await FindAsync<V1APIResourceList>(KubeKind.RootOf(apiVersion), stop);
        }
        catch (KlException down) when (down.InnerException is KubeStatusException { Code: >= 500 })
        {
            throw new KlException(ErrorIds.KubeGroupUnavailable, KlErrorKind.Unreachable, $"{apiVersion} {kind}", $"{Cluster} cannot say whether it serves {kind}: the API group {apiVersion} does not answer: {down.Message}",
                "Look at its APIService and the pods behind it (kubectl get apiservices).", down);
        }
    }

    private async Task TakeOverAsync(string path, JsonObject? before, CancellationToken stop)
    {
        for (var tries = 1; ClientSideApply.TakenOver(before, FieldManager) is { } patch; tries++)
            try
            {
                before = await SendAsync<JsonObject>(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}", Json(patch, "application/json-patch+json"), stop);
            }
            catch (KlException changed) when (changed.ErrorId == ErrorIds.KubeConflict && tries < Retries)
            {
                before = await FindAsync<JsonObject>(path, stop);
            }
    }

    private Task<JsonObject> PutAsync(string path, JsonObject body, bool force, bool dryRun, CancellationToken stop) =>
        SendAsync<JsonObject>(HttpMethod.Patch, $"{path}?fieldManager={FieldManager}&force={(force ? "true" : "false")}{(dryRun ? "&dryRun=All" : "")}",
            Json(body, "application/apply-patch+yaml"), stop);

    // Servers before 1.24 raise resourceVersion even where an apply changes nothing, so the content is compared.
    internal static bool IsChange(JsonObject? before, JsonObject after) => before is null || !JsonNode.DeepEquals(Content(before), Content(after));

    /// <summary>An object without what the server keeps about it.</summary>
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
