using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes the kinds that the API server serves.</summary>
public sealed class KindCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Query(Timeout, wordToComplete, async stop =>
            await Engine.LabEngine.Shared.Resources.KindsAsync(fakeBoundParameters["Cluster"] as string, stop));
}
