using KubeLab.Engine.Kube.Config;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes -Cluster: the names of KubeLab clusters, then the other contexts.</summary>
public sealed class ContextCompleter : NameCompleter
{
    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop)
    {
        var clusters = (await Kubeconfig.ListAsync(stop)).Keys.Order(StringComparer.Ordinal).ToList();
        var contexts = (await Kubeconfig.ContextsAsync(stop)).Select(context => context.Name);
        return clusters.Concat(contexts.Except(clusters.Select(Kubeconfig.ContextOf)));
    }
}
