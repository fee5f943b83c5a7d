using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine.Bootstrap;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes the names of built-in pod networks.</summary>
public sealed class PodNetworkCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(PodNetworks.Names, wordToComplete);
}
