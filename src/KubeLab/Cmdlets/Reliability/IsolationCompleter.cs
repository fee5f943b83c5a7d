using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine.Reliability.Checkers.Transactions;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Completes the names of isolation levels.</summary>
public sealed class IsolationCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(IsolationLevels.Names, wordToComplete);
}
