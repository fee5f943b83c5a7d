using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>A change that a watch reported.</summary>
/// <param name="Type">Added, Modified or Deleted.</param>
/// <param name="Object">The current object. For Deleted, its last state.</param>
public sealed record KubeChange<T>(WatchEventType Type, T Object);

public sealed partial class KubeApi
{
    private static readonly TimeSpan WatchTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(5);

    /// <summary>Watches a kind: yields the existing objects (as Added), then every change until cancelled. Resumes after a dropped connection, survives
    /// a restart of the API server, and after 410 Gone lists again and reports the difference.</summary>
    /// <param name="ns">The namespace, or null for all namespaces.</param>
    /// <param name="selector">Label and field selectors.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">The first list failed, or the server rejected the request permanently.</exception>
    public IAsyncEnumerable<KubeChange<T>> WatchAsync<T>(string? ns, KubeSelector selector, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WatchAsync<T>(KubeKind.Of<T>(), ns, selector, stop);

    /// <summary>All objects that match a selector: after they are listed, and again after every change. Each state is valid until the next one is
    /// requested.</summary>
    /// <remarks>A list that is read again yields one state only.</remarks>
    internal IAsyncEnumerable<IReadOnlyCollection<T>> StatesAsync<T>(string? ns, KubeSelector selector, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        StatesAsync<T>(KubeKind.Of<T>(), ns, selector, stop);

    private IAsyncEnumerable<IReadOnlyCollection<T>> StatesAsync<T>(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WatchStepsAsync<T>(kind, ns, selector, stop).Where(seen => seen.All is not null).Select(seen => seen.All!);

    private IAsyncEnumerable<KubeChange<T>> WatchAsync<T>(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WatchStepsAsync<T>(kind, ns, selector, stop).Where(seen => seen.Change is not null).Select(seen => seen.Change!);

    private async IAsyncEnumerable<WatchStep<T>> WatchStepsAsync<T>(KubeKind kind, string? ns, KubeSelector selector,
        [EnumeratorCancellation] CancellationToken stop)
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
            await using var steps = NextAsync(kind, seen, version, ns, selector, v => version = v, stop).GetAsyncEnumerator(stop);
            while (await StepAsync(steps, first && !progress))
            {
                progress |= steps.Current.Change is not null;
                yield return steps.Current;
            }
            if (progress || backoff == TimeSpan.Zero && before is null && version is not null)
                backoff = TimeSpan.Zero;
            else
                backoff = backoff == TimeSpan.Zero ? TimeSpan.FromMilliseconds(200) : Min(backoff * 2, MaxBackoff);
        }

        async Task<bool> StepAsync(IAsyncEnumerator<WatchStep<T>> steps, bool isFirst)
        {
            try
            {
                return await steps.MoveNextAsync();
            }
            catch (KlException expired) when (expired.ErrorId == ErrorIds.KubeExpired)
            {
                version = null;
                return false;
            }
            catch (Exception transient) when (!stop.IsCancellationRequested && !isFirst
                && (KubeStatus.IsTransient(transient) || IsNoAnswer(transient) || transient is JsonException))
            {
                // The connection was cut off: resume from the last version.
                return false;
            }
        }
    }

    private IAsyncEnumerable<WatchStep<T>> NextAsync<T>(KubeKind kind, Dictionary<string, T> seen, string? version,
        string? ns, KubeSelector selector, Action<string?> remember, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        version is null ? RelistAsync(kind, seen, ns, selector, remember, stop) : ResumeAsync(kind, seen, version, ns, selector, remember, stop);

    private async IAsyncEnumerable<WatchStep<T>> RelistAsync<T>(
        KubeKind kind, Dictionary<string, T> seen, string? ns, KubeSelector selector, Action<string?> remember,
        [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var deleted = new Dictionary<string, T>(seen);
        string? version = null;
        await foreach (var page in PagesAsync<T>(kind, ns, selector, stop))
        {
            version = page.Metadata.ResourceVersion;
            foreach (var item in page.Items)
            {
                var known = deleted.Remove(KeyOf(item), out var old);
                seen[KeyOf(item)] = item;
                if (!known || old!.Metadata.ResourceVersion != item.Metadata.ResourceVersion)
                    yield return new(new(known ? WatchEventType.Modified : WatchEventType.Added, item), null);
            }
        }
        foreach (var (key, item) in deleted)
        {
            seen.Remove(key);
            yield return new(new(WatchEventType.Deleted, item), null);
        }
        remember(version);
        yield return new(null, seen.Values);
    }

    private async IAsyncEnumerable<WatchStep<T>> ResumeAsync<T>(
        KubeKind kind, Dictionary<string, T> seen, string version, string? ns, KubeSelector selector, Action<string?> remember,
        [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = $"{kind.Path(ns)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WatchTimeout.TotalSeconds:0}"
            + $"&resourceVersion={Uri.EscapeDataString(version)}{selector.Query}";
        // The server ends a watch after timeoutSeconds. A watch that lasts longer has a dead connection.
        using var timeout = new CancellationTokenSource(WatchTimeout + RequestTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
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
                throw Unexpected(path, $"a watch event of type '{change?.Type}' without an object", null);
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

    // Objects that the server computes on request have no uid.
    private static string KeyOf(IKubernetesObject<V1ObjectMeta> one) => one.Metadata.Uid ?? $"{one.Metadata.NamespaceProperty}/{one.Metadata.Name}";

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>A change, if there was one, and all objects, if they are known.</summary>
    private readonly record struct WatchStep<T>(KubeChange<T>? Change, IReadOnlyCollection<T>? All);

    private sealed record WatchLine(string? Type, JsonElement Object);
}
