using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // kubectl's page size. The first page is smaller, so that the first object appears sooner.
    private const int PageSize = 500;
    private const int FirstPage = 100;

    /// <summary>Lists all objects of a kind, page by page.</summary>
    /// <param name="ns">The namespace, or null for all namespaces.</param>
    /// <param name="labels">A label selector, or null.</param>
    /// <param name="stop">Cancels the operation.</param>
    public IAsyncEnumerable<T> ListAsync<T>(string? ns, string? labels, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        ListAsync<T>(ns, new KubeSelector(labels), stop);

    /// <summary>Lists all objects of a kind that match a selector, page by page.</summary>
    /// <param name="ns">The namespace, or null for all namespaces.</param>
    /// <param name="selector">Label and field selectors.</param>
    /// <param name="stop">Cancels the operation.</param>
    public IAsyncEnumerable<T> ListAsync<T>(string? ns, KubeSelector selector, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        ListAsync<T>(KubeKind.Of<T>(), ns, selector, stop);

    private async IAsyncEnumerable<T> ListAsync<T>(KubeKind kind, string? ns, KubeSelector selector, [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        await foreach (var page in PagesAsync<T>(kind, ns, selector, stop))
            foreach (var item in page.Items)
                yield return item;
    }

    private async IAsyncEnumerable<Page<T>> PagesAsync<T>(KubeKind kind, string? ns, KubeSelector selector, [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        for (string? next = ""; next is not null;)
        {
            var query =
                $"?limit={(next.Length == 0 ? FirstPage : PageSize)}{selector.Query}{(next.Length == 0 ? "" : "&continue=" + Uri.EscapeDataString(next))}";
            Page<T> page;
            try
            {
                page = await SendAsync<Page<T>>(HttpMethod.Get, kind.Path(ns) + query, null, stop);
            }
            catch (KlException error) when (error.InnerException is KubeStatusException { Code: 410, Status.Metadata.ContinueProperty: { Length: > 0 } on }
                && next.Length > 0)
            {
                // etcd has compacted the snapshot. The server offers to continue after the last page with the current state.
                next = on;
                continue;
            }
            foreach (var item in page.Items)
            {
                // Items of a list omit apiVersion and kind.
                item.ApiVersion = kind.ApiVersion;
                item.Kind = kind.Kind;
            }
            yield return page;
            next = page.Metadata.ContinueProperty is { Length: > 0 } more ? more : null;
        }
    }

    /// <summary>One page of a list.</summary>
    private sealed record Page<T>
    {
        public V1ListMeta Metadata { get => field ?? new(); init; }

        public IReadOnlyList<T> Items { get => field ?? []; init => field = value?.Where(item => item is not null).ToList(); }
    }
}
