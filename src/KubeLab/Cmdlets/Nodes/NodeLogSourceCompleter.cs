using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Completes the sources of logs that every node or control plane has.</summary>
public sealed class NodeLogSourceCompleter : NameCompleter
{
    private static readonly string[] Sources =
        ["kubelet", "containerd", "kernel", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"];

    private protected override Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        Task.FromResult<IEnumerable<string?>>(Sources);
}
