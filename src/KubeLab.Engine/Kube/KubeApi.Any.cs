using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Lists all objects of any kind that match a selector, page by page.</summary>
    internal IAsyncEnumerable<KubeObject> ListAsync(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop) =>
        ListAsync<KubeObject>(kind, ns, selector, stop);

    /// <summary>Watches any kind: yields the existing objects, then every change.</summary>
    internal IAsyncEnumerable<KubeChange<KubeObject>> WatchAsync(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop) =>
        WatchAsync<KubeObject>(kind, ns, selector, stop);

    /// <summary>Finds an object of any kind by name. Null if it does not exist.</summary>
    internal Task<KubeObject?> FindAsync(KubeKind kind, string? ns, string name, CancellationToken stop) => FindAsync<KubeObject>(kind.Path(ns, name), stop);

    /// <summary>Follows an object of any kind: yields its current state, then its state after every change. Null while it does not exist.</summary>
    internal async IAsyncEnumerable<KubeObject?> FollowAsync(KubeKind kind, string? ns, string name, [EnumeratorCancellation] CancellationToken stop)
    {
        // Kinds that the server computes on request do not support watch, so they are polled.
        for (; kind.Verbs.Length > 0 && !kind.Verbs.Contains("watch"); await Task.Delay(PollInterval, _clock, stop))
            yield return await FindAsync(kind, ns, name, stop);
        await foreach (var all in StatesAsync<KubeObject>(kind, ns, KubeSelector.Named(name), stop))
            yield return all.FirstOrDefault();
    }

    /// <summary>Deletes an object of any kind. False if it does not exist.</summary>
    /// <param name="kind">The object's kind.</param>
    /// <param name="ns">The object's namespace, or null.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="cascade">Background, Foreground or Orphan: how dependents are deleted.</param>
    /// <param name="stop">Cancels the operation.</param>
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
