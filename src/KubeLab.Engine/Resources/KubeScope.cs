using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Which objects to show.</summary>
/// <param name="Namespace">The namespace, or null: the context's.</param>
/// <param name="AllNamespaces">All of them instead.</param>
/// <param name="Labels">A label selector as kubectl's -l takes it, or null.</param>
/// <param name="Matches">Which names, or null: all.</param>
/// <param name="Fields">A field selector as kubectl's --field-selector takes it, or null.</param>
/// <param name="Watch">Goes on with every change of them, until it is stopped.</param>
/// <param name="Of">Of pods, those of another object alone, as in deployment/web; or null.</param>
public sealed record KubeScope(
    string? Namespace = null, bool AllNamespaces = false, string? Labels = null, Func<string, bool>? Matches = null, string? Fields = null, bool Watch = false, string? Of = null)
{
    internal KubeSelector Selector => new(Labels, Fields);
}

/// <summary>Lists by scope.</summary>
internal static class KubeScopes
{
    /// <summary>The objects that a scope picks, each with how it changed where that is watched.</summary>
    /// <exception cref="KlException">NamespaceNotFound, and KubeApi's.</exception>
    public static IAsyncEnumerable<(T Object, string? Change)> SeenAsync<T>(this KubeApi api, KubeScope scope, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var ns = scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace;
        return api.SeenAsync(scope, api.ListAsync<T>(ns, scope.Selector, stop), api.WatchAsync<T>(ns, scope.Selector, stop), stop);
    }

    /// <summary>As above, of any kind.</summary>
    /// <exception cref="KlException">NamespaceNotFound, and KubeApi's.</exception>
    public static IAsyncEnumerable<(KubeObject Object, string? Change)> SeenAsync(this KubeApi api, KubeKind kind, KubeScope scope, CancellationToken stop)
    {
        if (kind.Namespaced == false)
            scope = scope with { AllNamespaces = true };
        var ns = scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace;
        return api.SeenAsync(scope, api.ListAsync(kind, ns, scope.Selector, stop), api.WatchAsync(kind, ns, scope.Selector, stop), stop);
    }

    private static async IAsyncEnumerable<(T Object, string? Change)> SeenAsync<T>(
        this KubeApi api, KubeScope scope, IAsyncEnumerable<T> list, IAsyncEnumerable<KubeChange<T>> watch, [EnumeratorCancellation] CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var any = false;
        if (scope.Watch)
        {
            // It would wait in silence for what a mistyped name never brings.
            await api.NeedNamespaceAsync(scope, stop);
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
            await api.NeedNamespaceAsync(scope, stop);
    }

    /// <summary>Checks that a namespace is there which a scope names: a list of one that is not is as empty as any.</summary>
    /// <exception cref="KlException">NamespaceNotFound, and KubeApi's.</exception>
    public static async Task NeedNamespaceAsync(this KubeApi api, KubeScope scope, CancellationToken stop)
    {
        try
        {
            if (!scope.AllNamespaces && scope.Namespace is { } ns && await api.FindAsync<V1Namespace>(ns, null, stop) is null)
                throw new KlException(ErrorIds.NamespaceNotFound, KlErrorKind.NotFound, ns, $"{api.Cluster} has no namespace {ns}.", "Get-KlResource namespaces lists those there are.");
        }
        catch (KlException closed) when (closed.ErrorId == ErrorIds.KubeForbidden)
        {
            // Who may not see namespaces is not told which there are.
        }
    }
}
