using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Completes the names of the services of a node.</summary>
public sealed class ServiceCompleter : NameCompleter
{
    private static readonly string[] Names =
        ["kubelet", "containerd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kube-proxy", "coredns", "registry"];

    private protected override Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        Task.FromResult<IEnumerable<string?>>(Names);
}
