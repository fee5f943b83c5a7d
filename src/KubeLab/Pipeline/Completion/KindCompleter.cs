using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes the kinds that the cluster serves.</summary>
public sealed class KindCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        using var stop = new CancellationTokenSource(Patience);
        try
        {
            var cluster = fakeBoundParameters["Cluster"] as string;
            // A completer is called on the prompt's thread and has to answer there.
            var kinds = Task.Run(() => Engine.LabEngine.Shared.Resources.KindsAsync(cluster, stop.Token)).GetAwaiter().GetResult();
            return Completions.Of(kinds, wordToComplete);
        }
        catch (Exception quiet) when (quiet is KlException or OperationCanceledException)
        {
            // A cluster that does not answer is no reason to disturb someone who types.
            return [];
        }
    }
}
