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
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Query(Timeout, wordToComplete, async stop =>
        {
            var machines = await LabEngine.Shared.MachinesAsync(null, stop).ToListAsync(stop);
            return machines.Select(one => one.Lab).Concat(machines.Select(one => one.Name)).Distinct();
        });
}

/// <summary>Completes the names of providers.</summary>
public sealed class ProviderCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(LabEngine.Shared.Providers.Select(one => one.Name), wordToComplete);
}
