using System.Collections.Concurrent;
using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // Custom kinds come and go; the core's stay.
    private static readonly TimeSpan DiscoveryLasts = TimeSpan.FromMinutes(10);

    /// <summary>The kind of a name as kubectl takes it: Deployment, deployments, deploy, deployments.apps or deployments.v1.apps.</summary>
    /// <exception cref="KlException">KubeKindUnknown.</exception>
    internal Task<KubeKind> KindAsync(string name, CancellationToken stop) => MeantAsync(name, Match, stop);

    /// <summary>The kind of a name, or those of a category as in all.</summary>
    /// <exception cref="KlException">KubeKindUnknown.</exception>
    internal Task<IReadOnlyList<KubeKind>> KindsAsync(string name, CancellationToken stop) => MeantAsync(name, MatchAll, stop);

    /// <summary>All kinds that the server serves, each in the version it prefers; the core's first, then group by group.</summary>
    internal async Task<IReadOnlyList<KubeKind>> KindsAsync(CancellationToken stop) => KnownKinds ?? await DiscoverAsync(stop);

    /// <summary>What a name means by what was served a while ago, or else by what is now.</summary>
    private async Task<T> MeantAsync<T>(string name, Func<IReadOnlyList<KubeKind>, string, T?> match, CancellationToken stop) where T : class
    {
        if (KnownKinds is { } known && match(known, name) is { } found)
            return found;
        var (kinds, silent) = await LookAsync(stop);
        return match(kinds, name) ?? throw (silent.Count > 0
            ? new(ErrorIds.KubeGroupUnavailable, KlErrorKind.Unreachable, name, $"{Cluster} serves no kind '{name}' as far as it could be asked. These API groups did not answer: {string.Join("; ", silent)}",
                "If the kind is of one of these groups, look at its APIService and the pods behind it (kubectl get apiservices); otherwise look at the spelling.")
            : new KlException(ErrorIds.KubeKindUnknown, KlErrorKind.InvalidInput, name,
                $"{Cluster} serves no kind '{name}'{(Suggestions.To(name, kinds.Select(kind => kind.Plural)) is { Count: > 0 } near ? $"; did you mean {string.Join(" or ", near)}?" : ".")}", "Look at the spelling; a kind of a CustomResourceDefinition is there once that is applied."));
    }

    private IReadOnlyList<KubeKind>? KnownKinds =>
        _session.Discovered.TryGetValue(DiscoveryKey, out var known) && _clock.GetElapsedTime(known.Time) < DiscoveryLasts ? known.Kinds : null;

    private string DiscoveryKey => $"{Context} {Server}";

    private async Task<IReadOnlyList<KubeKind>> DiscoverAsync(CancellationToken stop) => (await LookAsync(stop)).Kinds;

    /// <summary>What the server serves now, and of which group versions it could not say, with the reason.</summary>
    private async Task<(IReadOnlyList<KubeKind> Kinds, IReadOnlyCollection<string> Silent)> LookAsync(CancellationToken stop)
    {
        var groups = await SendAsync<V1APIGroupList>(HttpMethod.Get, "apis", null, stop);
        // A kind that the preferred version lacks is served by another; that comes after.
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
            // An extension's server that is down takes none of the others with it.
            silent.Enqueue($"{apiVersion}: {down.Message}");
            return [];
        }
    }

    private static List<KubeKind> Kinds(string apiVersion, V1APIResourceList? list)
    {
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "";
        return [.. (list?.Resources ?? []).Where(r => r is { Name.Length: > 0, Kind.Length: > 0 } && !r.Name.Contains('/', StringComparison.Ordinal)).Select(r => new KubeKind(group, apiVersion.Split('/')[^1], r.Kind, r.Name)
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
        bool Named(KubeKind kind, string word) => Is(kind.Plural, word) || Is(kind.Kind, word) || Is(kind.Singular, word) || kind.ShortNames.Any(s => Is(s, word));
        if (kinds.FirstOrDefault(kind => Named(kind, name)) is { } found)
            return found;
        var (word, rest) = name.Split('.', 2) is [var first, var second] ? (first, second) : (name, "");
        return rest.Length == 0 ? null : kinds.FirstOrDefault(kind => Named(kind, word) && (Is(kind.Group, rest) || Is($"{kind.Version}.{kind.Group}", rest)));
    }
}
