using KubeLab.Engine.Kube.Config;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes the names of clusters. Reads only the kubeconfig, because a completer must be fast.</summary>
public sealed class ClusterCompleter : NameCompleter
{
    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        (await Kubeconfig.ListAsync(stop)).Keys.Order(StringComparer.Ordinal);
}
