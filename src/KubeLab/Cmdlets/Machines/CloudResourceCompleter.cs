using KubeLab.Engine;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Completes the cloud resources that the parameter is named after: images, flavors, networks, zones, key pairs.</summary>
public sealed class CloudResourceCompleter : NameCompleter
{
    private protected override TimeSpan Timeout => TimeSpan.FromSeconds(5);

    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        (await NamesAsync(request.Parameters["Cloud"] as string, request.Parameter, stop)).Distinct().Order(StringComparer.Ordinal);

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
