using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Completes the names of machines and labs.</summary>
public sealed class MachineCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        using var stop = new CancellationTokenSource(Timeout);
        try
        {
            // PowerShell calls a completer synchronously on the prompt's thread.
            var machines = Task.Run(async () => await LabEngine.Shared.MachinesAsync(null, stop.Token).ToListAsync(stop.Token)).GetAwaiter().GetResult();
            return Completions.Of(machines.Select(one => one.Lab).Concat(machines.Select(one => one.Name)).Distinct(), wordToComplete);
        }
        catch (Exception error) when (error is KlException or OperationCanceledException)
        {
            // Completion must not show errors while a user types.
            return [];
        }
    }
}

/// <summary>Completes the names of providers.</summary>
public sealed class ProviderCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(LabEngine.Shared.Providers.Select(one => one.Name), wordToComplete);
}
