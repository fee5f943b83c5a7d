using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes the names of clusters. Reads only the kubeconfig, because a completer must be fast.</summary>
public sealed class ClusterCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(Kubeconfig.ListAsync(CancellationToken.None).GetAwaiter().GetResult().Keys.Order(StringComparer.Ordinal), wordToComplete);
}
