using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Completes the cloud resources that the parameter is named after: images, flavors, networks, zones, key pairs.</summary>
public sealed class CloudResourceCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Query(Timeout, wordToComplete, async stop =>
            (await NamesAsync(fakeBoundParameters["Cloud"] as string, parameterName, stop)).Distinct().Order(StringComparer.Ordinal));

    private static async Task<IReadOnlyList<string?>> NamesAsync(string? name, string parameter, CancellationToken stop)
    {
        var cloud = await LabEngine.Shared.Clouds.OpenAsync(name, stop);
        return parameter switch
        {
            "Image" => await cloud.ListAsync<Image>(stop).Select(one => one.Name).ToListAsync(stop),
            "Flavor" => await cloud.ListAsync<Flavor>(stop).Select(one => one.Name).ToListAsync<string?>(stop),
            "Network" => await cloud.ListAsync<Network>(stop).Where(one => !one.IsExternal).Select(one => one.Name).ToListAsync<string?>(stop),
            "ExternalNetwork" => await cloud.ListAsync<Network>(stop).Where(one => one.IsExternal).Select(one => one.Name).ToListAsync<string?>(stop),
            "AvailabilityZone" => await cloud.ListAsync<AvailabilityZone>(stop).Where(one => one.ZoneState.Available).Select(one => one.ZoneName)
                .ToListAsync<string?>(stop),
            _ => await cloud.ListAsync<KeyPair>(stop).Select(one => one.Name).ToListAsync<string?>(stop),
        };
    }
}
