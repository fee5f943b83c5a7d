using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>What an apply came to.</summary>
/// <param name="Object">As the server has it now.</param>
/// <param name="Changed">False where the server already had it so.</param>
public sealed record Applied<T>(T Object, bool Changed);

/// <summary>The Kubernetes API of one cluster, over the KubernetesClient package. Status answers come as KlException.</summary>
public sealed class KubeApi : IDisposable
{
    /// <summary>Opens a cluster of the user's kubeconfig.</summary>
    /// <param name="cluster">A KubeLab cluster's name (context kubelab-NAME), any context's name, or null: the current context.</param>
    public static KubeApi Open(string? cluster) => throw new NotSupportedException(cluster);

    /// <summary>An object by name, or null where there is none.</summary>
    public Task<T?> FindAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    /// <summary>All objects of a kind, page by page.</summary>
    /// <param name="ns">Its namespace, or null: all namespaces.</param>
    /// <param name="labels">A label selector, or null.</param>
    /// <param name="stop">Ends it.</param>
    public IAsyncEnumerable<T> ListAsync<T>(string? ns, string? labels, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    /// <summary>Server-side apply with field manager "kubelab".</summary>
    public Task<Applied<T>> ApplyAsync<T>(T desired, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    /// <summary>Server-side apply of an object of any kind the server knows.</summary>
    public Task<Applied<JsonObject>> ApplyAsync(JsonObject desired, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Deletes an object; false where there was none.</summary>
    public Task<bool> DeleteAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    /// <summary>The last lines of a container's log.</summary>
    public Task<string> LogTailAsync(string ns, string pod, string container, int lines, bool previous, CancellationToken stop) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
