using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Models;

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

    /// <summary>All objects that a selector picks: once they are listed, and again after every change. Each is good until the next is asked for.</summary>
    /// <remarks>Of a list that is made again, only the end is told.</remarks>
    internal IAsyncEnumerable<IReadOnlyCollection<T>> StatesAsync<T>(string? ns, KubeSelector selector, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        StatesAsync<T>(KubeKind.Of<T>(), ns, selector, stop);

    private IAsyncEnumerable<IReadOnlyCollection<T>> StatesAsync<T>(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SeeAsync<T>(kind, ns, selector, stop).Where(seen => seen.All is not null).Select(seen => seen.All!);

    private IAsyncEnumerable<KubeChange<T>> WatchAsync<T>(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SeeAsync<T>(kind, ns, selector, stop).Where(seen => seen.Change is not null).Select(seen => seen.Change!);

    private async IAsyncEnumerable<WatchStep<T>> SeeAsync<T>(KubeKind kind, string? ns, KubeSelector selector, [EnumeratorCancellation] CancellationToken stop)
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
            await using var sights = NextAsync(kind, seen, version, ns, selector, v => version = v, stop).GetAsyncEnumerator(stop);
            while (await StepAsync(sights, first && !progress))
            {
                progress |= sights.Current.Change is not null;
                yield return sights.Current;
            }
            if (progress || backoff == TimeSpan.Zero && before is null && version is not null)
                backoff = TimeSpan.Zero;
            else
                backoff = backoff == TimeSpan.Zero ? TimeSpan.FromMilliseconds(200) : Min(backoff * 2, LongestBackoff);
        }

        async Task<bool> StepAsync(IAsyncEnumerator<WatchStep<T>> sights, bool isFirst)
        {
            try
            {
                return await sights.MoveNextAsync();
            }
            catch (KlException gone) when (gone.ErrorId == ErrorIds.KubeExpired)
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

    private IAsyncEnumerable<WatchStep<T>> NextAsync<T>(KubeKind kind, Dictionary<string, T> seen, string? version, string? ns, KubeSelector selector, Action<string?> remember, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        version is null ? RelistAsync(kind, seen, ns, selector, remember, stop) : ResumeAsync(kind, seen, version, ns, selector, remember, stop);

    private async IAsyncEnumerable<WatchStep<T>> RelistAsync<T>(
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
                var known = gone.Remove(KeyOf(item), out var old);
                seen[KeyOf(item)] = item;
                if (!known || old!.Metadata.ResourceVersion != item.Metadata.ResourceVersion)
                    yield return new(new(known ? WatchEventType.Modified : WatchEventType.Added, item), null);
            }
        }
        foreach (var (key, item) in gone)
        {
            seen.Remove(key);
            yield return new(new(WatchEventType.Deleted, item), null);
        }
        remember(version);
        yield return new(null, seen.Values);
    }

    private async IAsyncEnumerable<WatchStep<T>> ResumeAsync<T>(
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
            var change = JsonSerializer.Deserialize<WatchLine>(line, JsonOptions);
            if (change?.Type == "ERROR")
            {
                var status = change.Object.ValueKind == JsonValueKind.Object ? change.Object.Deserialize<V1Status>(JsonOptions)! : new();
                throw KubeStatus.Error(status.Code ?? 500, status, path);
            }
            if (change is not { Type: "ADDED" or "MODIFIED" or "DELETED" or "BOOKMARK", Object.ValueKind: JsonValueKind.Object })
                throw Odd(path, $"a change of type '{change?.Type}' without an object", null);
            var item = change.Object.Deserialize<T>(JsonOptions)!;
            remember(item.Metadata.ResourceVersion);
            if (change.Type == "BOOKMARK")
                continue;
            if (change.Type == "DELETED")
                seen.Remove(KeyOf(item));
            else
                seen[KeyOf(item)] = item;
            yield return new(new(Enum.Parse<WatchEventType>(change.Type, ignoreCase: true), item), seen.Values);
        }
    }

    // What a server makes up when it is asked has no uid.
    private static string KeyOf(IKubernetesObject<V1ObjectMeta> one) => one.Metadata.Uid ?? $"{one.Metadata.NamespaceProperty}/{one.Metadata.Name}";

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>A change, where there is one; and all there is, where that is known.</summary>
    private readonly record struct WatchStep<T>(KubeChange<T>? Change, IReadOnlyCollection<T>? All);

    private sealed record WatchLine(string? Type, JsonElement Object);
}
