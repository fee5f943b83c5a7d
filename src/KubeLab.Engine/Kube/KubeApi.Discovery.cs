using System.Collections.Concurrent;
using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // Custom resource definitions can change; core kinds do not.
    private static readonly TimeSpan DiscoveryLifetime = TimeSpan.FromMinutes(10);

    /// <summary>Finds a kind by any name that kubectl accepts: Deployment, deployments, deploy, deployments.apps or deployments.v1.apps.</summary>
    /// <exception cref="KlException">KubeKindNotFound.</exception>
    internal Task<KubeKind> KindAsync(string name, CancellationToken stop) => ResolveAsync(name, Match, stop);

    /// <summary>Finds a kind by name, or all kinds of a category such as all.</summary>
    /// <exception cref="KlException">KubeKindNotFound.</exception>
    internal Task<IReadOnlyList<KubeKind>> KindsAsync(string name, CancellationToken stop) => ResolveAsync(name, MatchAll, stop);

    /// <summary>All kinds that the server serves, each in its preferred version: core kinds first, then group by group.</summary>
    internal async Task<IReadOnlyList<KubeKind>> KindsAsync(CancellationToken stop) => KnownKinds ?? await DiscoverAsync(stop);

    /// <summary>Resolves a name from the cached kinds, or else from the current ones.</summary>
    private async Task<T> ResolveAsync<T>(string name, Func<IReadOnlyList<KubeKind>, string, T?> match, CancellationToken stop) where T : class
    {
        if (KnownKinds is { } known && match(known, name) is { } found)
            return found;
        var (kinds, silent) = await ReadKindsAsync(stop);
        return match(kinds, name) ?? throw (silent.Count > 0
            ? new(ErrorIds.KubeGroupUnavailable, KlErrorKind.Unreachable, name,
                $"{Cluster} does not serve the kind '{name}' in the API groups that responded. These groups did not respond: {string.Join("; ", silent)}",
                "If the kind belongs to one of these groups, check its APIService and the pods that serve it (kubectl get apiservices). Otherwise, check the "
                + "spelling.")
            : new KlException(ErrorIds.KubeKindNotFound, KlErrorKind.InvalidInput, name,
                $"{Cluster} does not serve the kind '{name}'."
                + (Suggestions.To(name, kinds.Select(kind => kind.Plural)) is { Count: > 0 } near ? $" Did you mean {string.Join(" or ", near)}?" : ""),
                "Check the spelling. A custom kind is available after its CustomResourceDefinition is applied."));
    }

    private IReadOnlyList<KubeKind>? KnownKinds =>
        _session.Discovered.TryGetValue(DiscoveryKey, out var known) && _clock.GetElapsedTime(known.Time) < DiscoveryLifetime ? known.Kinds : null;

    private string DiscoveryKey => $"{Context} {Server}";

    private async Task<IReadOnlyList<KubeKind>> DiscoverAsync(CancellationToken stop) => (await ReadKindsAsync(stop)).Kinds;

    /// <summary>Reads the kinds that the server serves now, and the group versions that did not respond, with the reason.</summary>
    private async Task<(IReadOnlyList<KubeKind> Kinds, IReadOnlyCollection<string> Silent)> ReadKindsAsync(CancellationToken stop)
    {
        var groups = await SendAsync<V1APIGroupList>(HttpMethod.Get, "apis", null, stop);
        // Other versions are read after the preferred one, because it may lack a kind.
        IReadOnlyList<string> versions = ["v1", .. (groups.Groups ?? []).SelectMany(group => (group.Versions ?? []).Select(version => version.GroupVersion)
            .OrderByDescending(version => version == group.PreferredVersion?.GroupVersion)).Where(version => !string.IsNullOrEmpty(version))];
        var silent = new ConcurrentQueue<string>();
        var served = await Fleet.AllAsync(versions, (version, token) => ServedAsync(version, silent, token), 16, stop);
        IReadOnlyList<KubeKind> kinds = [.. served.SelectMany(some => some).DistinctBy(kind => (kind.Group, kind.Plural))];
        _session.Discovered[DiscoveryKey] = (_clock.GetTimestamp(), kinds);
        return (kinds, silent);
    }

    private async Task<IReadOnlyList<KubeKind>> ServedAsync(string apiVersion, ConcurrentQueue<string> silent, CancellationToken stop)
    {
        try
        {
            var list = await FindAsync<V1APIResourceList>(KubeKind.RootOf(apiVersion), stop);
            return _kinds[apiVersion] = Kinds(apiVersion, list);
        }
        catch (KlException down) when (down.ErrorId != ErrorIds.KubeUnauthorized)
        {
            // An unavailable extension API server must not hide the other groups.
            silent.Enqueue($"{apiVersion}: {down.Message}");
            return [];
        }
    }

    private static List<KubeKind> Kinds(string apiVersion, V1APIResourceList? list)
    {
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "";
        return [.. (list?.Resources ?? []).Where(r => r is { Name.Length: > 0, Kind.Length: > 0 } && !r.Name.Contains('/', StringComparison.Ordinal))
            .Select(r => new KubeKind(group, apiVersion.Split('/')[^1], r.Kind, r.Name)
        {
            Namespaced = r.Namespaced,
            Singular = r.SingularName ?? "",
            ShortNames = [.. r.ShortNames ?? []],
            Categories = [.. r.Categories ?? []],
            Verbs = [.. r.Verbs ?? []],
        })];
    }

    private static IReadOnlyList<KubeKind>? MatchAll(IReadOnlyList<KubeKind> kinds, string name)
    {
        if (Match(kinds, name) is { } one)
            return [one];
        List<KubeKind> category = [.. kinds.Where(kind => kind.Categories.Contains(name, StringComparer.OrdinalIgnoreCase) && kind.Verbs.Contains("list"))];
        return category.Count > 0 ? category : null;
    }

    private static KubeKind? Match(IReadOnlyList<KubeKind> kinds, string name)
    {
        bool Is(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
        bool Named(KubeKind kind, string word) => Is(kind.Plural, word) || Is(kind.Kind, word) || Is(kind.Singular, word)
            || kind.ShortNames.Any(s => Is(s, word));
        if (kinds.FirstOrDefault(kind => Named(kind, name)) is { } found)
            return found;
        var (word, rest) = name.Split('.', 2) is [var first, var second] ? (first, second) : (name, "");
        return rest.Length == 0 ? null : kinds.FirstOrDefault(kind => Named(kind, word) && (Is(kind.Group, rest) || Is($"{kind.Version}.{kind.Group}", rest)));
    }
}
