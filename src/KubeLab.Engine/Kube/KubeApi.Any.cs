using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    /// <summary>All objects of any kind that a selector picks, page by page.</summary>
    internal IAsyncEnumerable<KubeObject> ListAsync(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop) =>
        ListAsync<KubeObject>(kind, ns, selector, stop);

    /// <summary>What is there of any kind, then every change.</summary>
    internal IAsyncEnumerable<KubeChange<KubeObject>> WatchAsync(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop) =>
        WatchAsync<KubeObject>(kind, ns, selector, stop);

    /// <summary>An object of any kind by name, or null where there is none.</summary>
    internal Task<KubeObject?> FindAsync(KubeKind kind, string? ns, string name, CancellationToken stop) => FindAsync<KubeObject>(kind.Path(ns, name), stop);

    /// <summary>An object of any kind as it is, then as every change leaves it; null while there is none.</summary>
    internal async IAsyncEnumerable<KubeObject?> FollowAsync(KubeKind kind, string? ns, string name, [EnumeratorCancellation] CancellationToken stop)
    {
        // What a server makes up when it is asked cannot be watched, only asked again.
        for (; kind.Verbs.Length > 0 && !kind.Verbs.Contains("watch"); await Task.Delay(Beat, _clock, stop))
            yield return await FindAsync(kind, ns, name, stop);
        await foreach (var all in StatesAsync<KubeObject>(kind, ns, KubeSelector.Named(name), stop))
            yield return all.FirstOrDefault();
    }

    /// <summary>Deletes an object of any kind. False where there was none.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace, or null.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cascade">Background, Foreground or Orphan: what becomes of what it owns.</param>
    /// <param name="stop">Ends it.</param>
    internal async Task<bool> DeleteAsync(KubeKind kind, string? ns, string name, string cascade, CancellationToken stop)
    {
        try
        {
            await SendAsync<JsonObject>(HttpMethod.Delete, $"{kind.Path(ns, name)}?propagationPolicy={cascade}", null, stop);
            return true;
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeNotFound)
        {
            return false;
        }
    }
}
