using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Completes the names of machines and labs.</summary>
public sealed class MachineCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        using var stop = new CancellationTokenSource(Patience);
        try
        {
            // A completer is called on the prompt's thread and has to answer there.
            var machines = Task.Run(async () => await LabEngine.Shared.MachinesAsync(null, stop.Token).ToListAsync(stop.Token)).GetAwaiter().GetResult();
            return Completions.Of(machines.Select(one => one.Lab).Concat(machines.Select(one => one.Name)).Distinct(), wordToComplete);
        }
        catch (Exception quiet) when (quiet is KlException or OperationCanceledException)
        {
            // An engine that does not answer is no reason to disturb someone who types.
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
