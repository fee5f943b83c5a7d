using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine.Bootstrap;

namespace KubeLab.Cmdlets.Cluster;

/// <summary>Completes the pod networks that need no address.</summary>
public sealed class PodNetworkNames : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        from name in PodNetworks.Names
        where name.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase)
        select new CompletionResult(name);
}
