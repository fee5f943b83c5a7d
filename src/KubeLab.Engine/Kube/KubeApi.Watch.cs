using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

/// <summary>What a watch saw.</summary>
/// <param name="Type">Added, Modified or Deleted.</param>
/// <param name="Object">As it is now; for Deleted, as it was last.</param>
public sealed record KubeChange<T>(WatchEventType Type, T Object);

public sealed partial class KubeApi
{
    private static readonly TimeSpan WatchLasts = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);

    /// <summary>What is there (as Added), then every change, for as long as it is asked. It resumes where a connection dropped, survives
    /// a restart of the API server, and after 410 Gone lists again and tells the difference.</summary>
    /// <param name="ns">Its namespace, or null: all namespaces.</param>
    /// <param name="selector">Labels and fields.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">The first list fails, or the server refuses for good.</exception>
    public IAsyncEnumerable<KubeChange<T>> WatchAsync<T>(string? ns, KubeSelector selector, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        WatchAsync<T>(KubeKind.Of<T>(), ns, selector, stop);

    private async IAsyncEnumerable<KubeChange<T>> WatchAsync<T>(KubeKind kind, string? ns, KubeSelector selector, [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var seen = new Dictionary<string, T>();
        string? version = null;
        var backoff = TimeSpan.Zero;
        for (var first = true; ; first = false)
        {
            if (backoff > TimeSpan.Zero)
                await Task.Delay(backoff, _clock, stop);
            var (progress, before) = (false, version);
            await using var changes = NextAsync(kind, seen, version, ns, selector, v => version = v, stop).GetAsyncEnumerator(stop);
            while (await StepAsync(changes, first && !progress))
            {
                progress = true;
                yield return changes.Current;
            }
            if (progress || backoff == TimeSpan.Zero && before is null && version is not null)
                backoff = TimeSpan.Zero;
            else
                backoff = backoff == TimeSpan.Zero ? TimeSpan.FromMilliseconds(200) : Min(backoff * 2, LongestBackoff);
        }

        async Task<bool> StepAsync(IAsyncEnumerator<KubeChange<T>> changes, bool isFirst)
        {
            try
            {
                return await changes.MoveNextAsync();
            }
            catch (KlException gone) when (gone.ErrorId == "KubeExpired")
            {
                version = null;
                return false;
            }
            catch (Exception passing) when (!stop.IsCancellationRequested && !isFirst && (KubeStatus.IsPassing(passing) || IsNoAnswer(passing) || passing is JsonException))
            {
                // Cut off in the middle: from the last version on.
                return false;
            }
        }
    }

    private IAsyncEnumerable<KubeChange<T>> NextAsync<T>(KubeKind kind, Dictionary<string, T> seen, string? version, string? ns, KubeSelector selector, Action<string?> remember, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        version is null ? RelistAsync(kind, seen, ns, selector, remember, stop) : ResumeAsync(kind, seen, version, ns, selector, remember, stop);

    private async IAsyncEnumerable<KubeChange<T>> RelistAsync<T>(
        KubeKind kind, Dictionary<string, T> seen, string? ns, KubeSelector selector, Action<string?> remember, [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var gone = new Dictionary<string, T>(seen);
        string? version = null;
        await foreach (var page in PagesAsync<T>(kind, ns, selector, stop))
        {
            version = page.Metadata.ResourceVersion;
            foreach (var item in page.Items)
            {
                var known = gone.Remove(item.Metadata.Uid, out var old);
                seen[item.Metadata.Uid] = item;
                if (!known || old!.Metadata.ResourceVersion != item.Metadata.ResourceVersion)
                    yield return new(known ? WatchEventType.Modified : WatchEventType.Added, item);
            }
        }
        foreach (var (uid, item) in gone)
        {
            seen.Remove(uid);
            yield return new(WatchEventType.Deleted, item);
        }
        remember(version);
    }

    private async IAsyncEnumerable<KubeChange<T>> ResumeAsync<T>(
        KubeKind kind, Dictionary<string, T> seen, string version, string? ns, KubeSelector selector, Action<string?> remember, [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = $"{kind.Path(ns)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WatchLasts.TotalSeconds:0}&resourceVersion={Uri.EscapeDataString(version)}{selector.Query}";
        // The server ends a watch by itself; one that outlives that is a dead connection.
        using var late = new CancellationTokenSource(WatchLasts + RequestTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        using var answer = await StreamAsync(path, either.Token);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(either.Token));
        while (await reader.ReadLineAsync(either.Token) is { } line)
        {
            if (line.Length == 0)
                continue;
            var change = JsonSerializer.Deserialize<WatchLine>(line, _json)!;
            if (change.Type == "ERROR")
            {
                var status = change.Object.Deserialize<V1Status>(_json)!;
                throw KubeStatus.Error(status.Code ?? 500, status, path);
            }
            var item = change.Object.Deserialize<T>(_json)!;
            remember(item.Metadata.ResourceVersion);
            if (change.Type == "BOOKMARK")
                continue;
            if (change.Type == "DELETED")
                seen.Remove(item.Metadata.Uid);
            else
                seen[item.Metadata.Uid] = item;
            yield return new(Enum.Parse<WatchEventType>(change.Type, ignoreCase: true), item);
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed record WatchLine(string Type, JsonElement Object);
}
