using KubeLab.Engine;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Completes the names of machines and labs.</summary>
public sealed class MachineCompleter : NameCompleter
{
    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop)
    {
        var machines = await LabEngine.Shared.MachinesAsync(null, stop).ToListAsync(stop);
        return machines.Select(one => one.Lab).Concat(machines.Select(one => one.Name)).Distinct();
    }
}

/// <summary>Completes the names of prepared machine images.</summary>
public sealed class MachineImageCompleter : NameCompleter
{
    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        (await LabEngine.Shared.MachineImagesAsync(new Progress<LabEvent>(), stop)).Select(one => one.Image.Name);
}

/// <summary>Completes the names of providers.</summary>
public sealed class ProviderCompleter : NameCompleter
{
    private protected override Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        Task.FromResult<IEnumerable<string?>>(LabEngine.Shared.Providers.Select(one => one.Name));
}

/// <summary>Completes the names of clouds from the configuration files.</summary>
public sealed class CloudCompleter : NameCompleter
{
    private protected override Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        Task.FromResult<IEnumerable<string?>>(LabEngine.Shared.Clouds.Names());
}
