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
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        using var stop = new CancellationTokenSource(Timeout);
        try
        {
            var cluster = fakeBoundParameters["Cluster"] as string;
            // PowerShell calls a completer synchronously on the prompt's thread.
            var kinds = Task.Run(() => Engine.LabEngine.Shared.Resources.KindsAsync(cluster, stop.Token)).GetAwaiter().GetResult();
            return Completions.Of(kinds, wordToComplete);
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            // Completion must not show errors while a user types.
            return [];
        }
    }
}
