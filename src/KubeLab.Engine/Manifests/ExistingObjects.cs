using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Manifests;

/// <summary>The existing objects that are about to be applied. They are read one by one, or by a list if there are many of one kind and namespace.</summary>
internal sealed class ExistingObjects
{
    // A list needs one request only, but may read unrelated objects, too.
    private const int ListThreshold = 32;
    private const int MaxUnrelated = 4;

    private readonly KubeApi _api;
    private readonly Dictionary<string, Lazy<Task<Listed>>> _lists = [];

    private ExistingObjects(KubeApi api) => _api = api;

    /// <param name="api">The cluster.</param>
    /// <param name="wanted">The objects to apply.</param>
    /// <param name="ns">The namespace of objects without one, or null: the context's namespace.</param>
    /// <param name="stop">Cancels the operation, including later lists.</param>
    public static async Task<ExistingObjects> OfAsync(KubeApi api, IEnumerable<JsonObject> wanted, string? ns, CancellationToken stop)
    {
        var present = new ExistingObjects(api);
        foreach (var same in wanted.Select(one => new KubeObject(one)).GroupBy(one => (one.ApiVersion, one.Kind)).Where(same => same.Count() > ListThreshold))
            if (await KindAsync(api, same.Key.ApiVersion, same.Key.Kind, stop) is { } kind)
                foreach (var some in same.GroupBy(one => kind.Namespaced == true ? one.Namespace ?? ns ?? api.DefaultNamespace : null, one => one.Name)
                    .Where(some => some.Count() > ListThreshold))
                    present._lists[kind.Path(some.Key)] = new(() => present.ListAsync(kind, some.Key, [.. some], stop));
        return present;
    }

    /// <summary>Finds an object. Null if it does not exist.</summary>
    public async Task<JsonObject?> FindAsync(KubeKind kind, string? ns, string name, CancellationToken stop)
    {
        var (seen, isAll) = _lists.TryGetValue(kind.Path(ns), out var list) ? await list.Value : new([], false);
        return seen.TryGetValue(name, out var found) ? found : isAll ? null : (await _api.FindAsync(kind, ns, name, stop))?.Json;
    }

    private async Task<Listed> ListAsync(KubeKind kind, string? ns, HashSet<string> names, CancellationToken stop)
    {
        var (seen, read) = (new Dictionary<string, JsonObject>(), 0);
        try
        {
            await foreach (var one in _api.ListAsync(kind, ns, new(), stop))
            {
                if (names.Contains(one.Name))
                    seen[one.Name] = one.Json;
                if (++read >= names.Count * MaxUnrelated)
                    return new(seen, false);
            }
            return new(seen, true);
        }
        catch (KlException)
        {
            // A user without permission to list may still read each object. That read reports the error.
            return new(seen, false);
        }
    }

    private static async Task<KubeKind?> KindAsync(KubeApi api, string apiVersion, string kind, CancellationToken stop)
    {
        try
        {
            return await api.KindAsync(apiVersion, kind, stop);
        }
        catch (KlException)
        {
            // The apply of each object reports the error.
            return null;
        }
    }

    private sealed record Listed(Dictionary<string, JsonObject> Seen, bool IsAll);
}
