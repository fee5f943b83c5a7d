using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    /// <summary>What paths and permissions call a kind: its plural and its group. The core group comes first, then the server's own order.</summary>
    /// <param name="word">Plural, singular, short name or kind, whatever the case; * stays.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">KubeKindUnknown.</exception>
    internal async Task<(string Plural, string Group)> ResourceAsync(string word, CancellationToken stop)
    {
        if (word == "*")
            return (word, word);
        if (In(await SendAsync<V1APIResourceList>(HttpMethod.Get, KubeKind.RootOf("v1"), null, stop)) is { } core)
            return (core, "");
        foreach (var group in (await SendAsync<V1APIGroupList>(HttpMethod.Get, "apis", null, stop)).Groups)
            if (await ListAsync(KubeKind.RootOf(group.PreferredVersion.GroupVersion)) is { } list && In(list) is { } plural)
                return (plural, group.Name);
        throw new KlException("KubeKindUnknown", KlErrorKind.InvalidInput, word, $"{Cluster} serves nothing called {word}.", "Look at the spelling; RESOURCE.GROUP names one that is not served yet.");

        string? In(V1APIResourceList list) => list.Resources.FirstOrDefault(r => !r.Name.Contains('/', StringComparison.Ordinal)
            && new[] { r.Name, r.SingularName, r.Kind }.Concat(r.ShortNames ?? []).Contains(word, StringComparer.OrdinalIgnoreCase))?.Name;

        async Task<V1APIResourceList?> ListAsync(string path)
        {
            try
            {
                return await FindAsync<V1APIResourceList>(path, stop);
            }
            catch (KlException error) when (KubeStatus.IsPassing(error))
            {
                // A group whose own server is down hides none of the others.
                return null;
            }
        }
    }
}
