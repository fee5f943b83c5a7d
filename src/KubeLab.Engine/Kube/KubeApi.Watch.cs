using System.Runtime.CompilerServices;
using System.Text.Json;
using KubeLab.Engine.Flow;
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
    private static readonly TimeSpan MinBackoff = TimeSpan.FromMilliseconds(200);
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
        new Watcher<T>(this, kind, ns, selector).RunAsync(stop).Where(seen => seen.All is not null).Select(seen => seen.All!);

    private IAsyncEnumerable<KubeChange<T>> WatchAsync<T>(KubeKind kind, string? ns, KubeSelector selector, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new Watcher<T>(this, kind, ns, selector).RunAsync(stop).Where(seen => seen.Change is not null).Select(seen => seen.Change!);

    /// <summary>A watch of one kind: the objects seen so far, and the version from which it resumes.</summary>
    private sealed class Watcher<T>(KubeApi api, KubeKind kind, string? ns, KubeSelector selector)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        private readonly Dictionary<string, T> _seen = [];
        // Null: the objects must be listed.
        private string? _version;
        private TimeSpan _backoff;

        public async IAsyncEnumerable<WatchStep<T>> RunAsync([EnumeratorCancellation] CancellationToken stop)
        {
            for (var first = true; ; first = false)
            {
                if (_backoff > TimeSpan.Zero)
                    await Task.Delay(_backoff, api._clock, stop);
                var (progress, isList) = (false, _version is null);
                await using var steps = (isList ? ListAsync(stop) : ResumeAsync(stop)).GetAsyncEnumerator(stop);
                while (await NextAsync(steps, first && !progress, stop))
                {
                    progress |= steps.Current.Change is not null;
                    yield return steps.Current;
                }
                if (progress || _backoff == TimeSpan.Zero && isList && _version is not null)
                    _backoff = TimeSpan.Zero;
                else
                    _backoff = _backoff == TimeSpan.Zero ? MinBackoff : Min(_backoff * 2, MaxBackoff);
            }
        }

        /// <summary>Reads the next step. False if the list is complete, or if the watch has to continue with a new request.</summary>
        private async Task<bool> NextAsync(IAsyncEnumerator<WatchStep<T>> steps, bool isFirst, CancellationToken stop)
        {
            try
            {
                return await steps.MoveNextAsync();
            }
            catch (KlException expired) when (expired.ErrorId == ErrorIds.KubeExpired)
            {
                _version = null;
                return false;
            }
            catch (Exception transient) when (!stop.IsCancellationRequested && !isFirst
                && (KubeStatus.IsTransient(transient) || IsNoAnswer(transient) || transient is JsonException))
            {
                // The connection was cut off: resume from the last version. The server may be restarting.
                api._connection.AcceptedAt = null;
                return false;
            }
        }

        private async IAsyncEnumerable<WatchStep<T>> ListAsync([EnumeratorCancellation] CancellationToken stop)
        {
            var deleted = new Dictionary<string, T>(_seen);
            string? version = null;
            await foreach (var page in api.PagesAsync<T>(kind, ns, selector, stop))
            {
                version = page.Metadata.ResourceVersion;
                foreach (var item in page.Items)
                {
                    var known = deleted.Remove(KeyOf(item), out var old);
                    _seen[KeyOf(item)] = item;
                    if (!known || old!.Metadata.ResourceVersion != item.Metadata.ResourceVersion)
                        yield return new(new(known ? WatchEventType.Modified : WatchEventType.Added, item), null);
                }
            }
            foreach (var (key, item) in deleted)
            {
                _seen.Remove(key);
                yield return new(new(WatchEventType.Deleted, item), null);
            }
            _version = version;
            yield return new(null, _seen.Values);
        }

        private async IAsyncEnumerable<WatchStep<T>> ResumeAsync([EnumeratorCancellation] CancellationToken stop)
        {
            var path = $"{kind.Path(ns)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WatchTimeout.TotalSeconds:0}"
                + $"&resourceVersion={Uri.EscapeDataString(_version!)}{selector.Query}";
            // The server ends a watch after timeoutSeconds. A watch that lasts longer has a dead connection.
            using var timeout = new TimeLimit(WatchTimeout + api.RequestTimeout, api._clock, stop);
            using var answer = await api.StreamAsync(path, timeout.Token);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(timeout.Token));
            while (await reader.ReadLineAsync(timeout.Token) is { } line)
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
                _version = item.Metadata.ResourceVersion;
                if (change.Type == "BOOKMARK")
                    continue;
                if (change.Type == "DELETED")
                    _seen.Remove(KeyOf(item));
                else
                    _seen[KeyOf(item)] = item;
                yield return new(new(Enum.Parse<WatchEventType>(change.Type, ignoreCase: true), item), _seen.Values);
            }
        }
    }

    // Objects that the server computes on request have no uid.
    private static string KeyOf(IKubernetesObject<V1ObjectMeta> one) => one.Metadata.Uid ?? $"{one.Metadata.NamespaceProperty}/{one.Metadata.Name}";

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>A change, if there was one, and all objects, if they are known.</summary>
    private readonly record struct WatchStep<T>(KubeChange<T>? Change, IReadOnlyCollection<T>? All);

    private sealed record WatchLine(string? Type, JsonElement Object);
}
