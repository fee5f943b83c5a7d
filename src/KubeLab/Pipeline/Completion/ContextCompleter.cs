using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes -Cluster: the names of KubeLab clusters, then the other contexts. Returns nothing if the kubeconfig cannot be read.</summary>
public sealed class ContextCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var clusters = Kubeconfig.ListAsync(CancellationToken.None).GetAwaiter().GetResult().Keys.Order(StringComparer.Ordinal).ToList();
            var contexts = Kubeconfig.ContextsAsync(CancellationToken.None).GetAwaiter().GetResult().Select(c => c.Name)
                .Except(clusters.Select(Kubeconfig.ContextOf));
            return Completions.Of(clusters.Concat(contexts), wordToComplete);
        }
        catch (KlException)
        {
            return [];
        }
    }
}
