using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>The objects to list.</summary>
/// <param name="Namespace">The namespace, or null for the context's namespace.</param>
/// <param name="AllNamespaces">Whether to list objects in all namespaces.</param>
/// <param name="Labels">A label selector, as in kubectl -l, or null.</param>
/// <param name="Matches">A filter for names, or null for all names.</param>
/// <param name="Fields">A field selector, as in kubectl --field-selector, or null.</param>
/// <param name="Watch">Whether to watch for changes until cancellation.</param>
/// <param name="Of">For pods: the object whose pods to list, such as deployment/web; or null.</param>
public sealed record KubeScope(
    string? Namespace = null, bool AllNamespaces = false, string? Labels = null, Func<string, bool>? Matches = null,
    string? Fields = null, bool Watch = false, string? Of = null)
{
    internal KubeSelector Selector => new(Labels, Fields);
}

/// <summary>Lists objects by scope.</summary>
internal static class KubeScopes
{
    /// <summary>Lists or watches the objects of a scope. In a watch, each has its kind of change.</summary>
    /// <exception cref="KlException">NamespaceNotFound, and the errors of KubeApi.</exception>
    public static IAsyncEnumerable<(T Object, string? Change)> ListOrWatchAsync<T>(this KubeApi api, KubeScope scope, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var ns = scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace;
        return api.ListOrWatchAsync(scope, api.ListAsync<T>(ns, scope.Selector, stop), api.WatchAsync<T>(ns, scope.Selector, stop), stop);
    }

    /// <summary>Lists or watches objects of any kind.</summary>
    /// <exception cref="KlException">NamespaceNotFound, and the errors of KubeApi.</exception>
    public static IAsyncEnumerable<(KubeObject Object, string? Change)> ListOrWatchAsync(this KubeApi api, KubeKind kind, KubeScope scope,
        CancellationToken stop)
    {
        if (kind.Namespaced == false)
            scope = scope with { AllNamespaces = true };
        var ns = scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace;
        return api.ListOrWatchAsync(scope, api.ListAsync(kind, ns, scope.Selector, stop), api.WatchAsync(kind, ns, scope.Selector, stop), stop);
    }

    private static async IAsyncEnumerable<(T Object, string? Change)> ListOrWatchAsync<T>(
        this KubeApi api, KubeScope scope, IAsyncEnumerable<T> list, IAsyncEnumerable<KubeChange<T>> watch, [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var any = false;
        if (scope.Watch)
        {
            // A watch in a namespace that does not exist would wait silently forever.
            await api.CheckNamespaceAsync(scope, stop);
            list = AsyncEnumerable.Empty<T>();
        }
        else
            watch = AsyncEnumerable.Empty<KubeChange<T>>();
        await foreach (var one in list)
        {
            any = true;
            if (scope.Matches?.Invoke(one.Metadata.Name) != false)
                yield return (one, null);
        }
        await foreach (var change in watch)
            if (scope.Matches?.Invoke(change.Object.Metadata.Name) != false)
                yield return (change.Object, change.Type.ToString());
        if (!any && !scope.Watch)
            await api.CheckNamespaceAsync(scope, stop);
    }

    /// <summary>Checks that the namespace of a scope exists: a list in a namespace that does not exist is empty.</summary>
    /// <exception cref="KlException">NamespaceNotFound, and the errors of KubeApi.</exception>
    public static async Task CheckNamespaceAsync(this KubeApi api, KubeScope scope, CancellationToken stop)
    {
        try
        {
            if (!scope.AllNamespaces && scope.Namespace is { } ns && await api.FindAsync<V1Namespace>(ns, null, stop) is null)
                throw new KlException(ErrorIds.NamespaceNotFound, KlErrorKind.NotFound, ns, $"Namespace '{ns}' was not found in cluster '{api.Cluster}'.");
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            // Users without permission to read namespaces skip the check.
        }
    }
}
