using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Completes the names of the services of a node.</summary>
public sealed class ServiceCompleter : IArgumentCompleter
{
    private static readonly string[] Names =
        ["kubelet", "containerd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kube-proxy", "coredns", "registry"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(Names, wordToComplete);
}
