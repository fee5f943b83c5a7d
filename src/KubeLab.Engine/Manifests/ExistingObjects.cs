using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Manifests;

/// <summary>What is there already of what is about to be applied: asked for one by one, or by one list where many are of one kind and namespace.</summary>
internal sealed class ExistingObjects
{
    // A list is one request, but it reads what nobody asked for, too.
    private const int Many = 32;
    private const int Spare = 4;

    private readonly KubeApi _api;
    private readonly Dictionary<string, Lazy<Task<Listed>>> _lists = [];

    private ExistingObjects(KubeApi api) => _api = api;

    /// <param name="api">The cluster.</param>
    /// <param name="wanted">What is about to be applied.</param>
    /// <param name="ns">The namespace of what names none, or null: the context's.</param>
    /// <param name="stop">Ends it, and the lists made later.</param>
    public static async Task<ExistingObjects> OfAsync(KubeApi api, IEnumerable<JsonObject> wanted, string? ns, CancellationToken stop)
    {
        var present = new ExistingObjects(api);
        foreach (var same in wanted.Select(one => new KubeObject(one)).GroupBy(one => (one.ApiVersion, one.Kind)).Where(same => same.Count() > Many))
            if (await KindAsync(api, same.Key.ApiVersion, same.Key.Kind, stop) is { } kind)
                foreach (var some in same.GroupBy(one => kind.Namespaced == true ? one.Namespace ?? ns ?? api.DefaultNamespace : null, one => one.Name).Where(some => some.Count() > Many))
                    present._lists[kind.Path(some.Key)] = new(() => present.ListAsync(kind, some.Key, [.. some], stop));
        return present;
    }

    /// <summary>An object as it was a moment ago, or null where there was none.</summary>
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
                if (++read >= names.Count * Spare)
                    return new(seen, false);
            }
            return new(seen, true);
        }
        catch (KlException)
        {
            // Who may not list them may perhaps look at each; that tells what is wrong with which.
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
            // Each of them will say so of itself.
            return null;
        }
    }

    private sealed record Listed(Dictionary<string, JsonObject> Seen, bool IsAll);
}
