using System.Runtime.CompilerServices;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>Machines that are systemd containers of a Docker engine. All state is stored in the containers' labels.</summary>
/// <param name="docker">The engine.</param>
/// <param name="hosts">Opens connections to machines.</param>
/// <param name="keys">The labs' keys.</param>
/// <param name="clock">The clock.</param>
public sealed partial class DockerProvider(IDocker docker, IHostPool hosts, LabKeys keys, TimeProvider clock)
    : IMachineProvider<DockerMachineSpec>, ILoadBalancerProvider
{
    /// <summary>The provider's name.</summary>
    public const string ProviderName = "Docker";

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    /// <remarks>Two docker commands, regardless of the number of machines.</remarks>
    public async IAsyncEnumerable<Machine> ListAsync(string? lab, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var machine in (await ContainersAsync(lab, stop)).Select(one => one.ToMachine(keys)).Order(MachineOrder.ByLab))
            yield return machine;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlatformPart>> PlatformAsync(Machine machine, CancellationToken stop) =>
        [new("Docker Engine", (await docker.CheckAsync(machine.Name, new("version", "--format", "{{.Server.Version}}"), stop)).Trim())];

    /// <inheritdoc/>
    public async Task<Machine> CreateAsync(DockerMachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        for (var tries = 1; ; tries++)
        {
            var container = await FindAsync(spec, stop) ?? await CreateContainerAsync(spec, tries, events, stop);
            if (container is { State.Status: "running" } && await IsReadyAsync(container, stop))
            {
                events.Detail(spec.Name, "the machine is already running");
                return container.ToMachine(keys);
            }
            try
            {
                if (container is not null && await StartAsync(container, tries, events, stop))
                    return await AdmitAsync(spec, container, events, stop);
            }
            catch (KlException error)
            {
                var now = await FindAsync(spec, stop);
                if (now is null or { State.Status: "removing" })
                    throw new KlException(ErrorIds.MachineRemoved, KlErrorKind.Failed, spec.Name,
                        $"{spec.Name} was removed while it was being created.", "Run the command again to create it.", error);
                if (now.Id == container!.Id)
                    throw;
            }
            // Another process is creating or removing the same machine.
            await Task.Delay(Pause, clock, stop);
        }
    }

    /// <inheritdoc/>
    public Task<Machine> CreateLoadBalancerAsync(string lab, IProgress<LabEvent> events, CancellationToken stop) =>
        CreateAsync(new DockerMachineSpec(lab, LabName.LoadBalancer(lab), NoCache: true), events, stop);

    /// <inheritdoc/>
    /// <remarks>The lab's keys are deleted with its last machine, the network with the last machine of all labs.</remarks>
    public async Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await docker.FindAsync(machine.Name, new("container", "inspect", "--format", "{{.Id}}", machine.Id), stop) is not null)
        {
            events.Step(machine.Name, "Removing the machine");
            await RemoveAsync(machine.Name, machine.Id, stop);
            events.Changed(machine.Name, "removed");
        }
        await keys.RemoveAsync(machine.Lab, machine.Name, async token =>
            [.. (await ContainersAsync(machine.Lab, token)).Select(one => one.Name.TrimStart('/'))], stop);
        if ((await ContainersAsync(null, stop)).Count > 0)
            return;
        await EndPreparationAsync(events, stop);
        await NodeNetwork.RemoveAsync(docker, stop);
    }

    /// <summary>Removes a container. If another process is removing it, waits until it is removed.</summary>
    private async Task RemoveAsync(string name, string id, CancellationToken stop)
    {
        var remove = new DockerCommand("rm", "--force", "--volumes", id);
        for (var tries = 1; ; tries++)
        {
            var result = await docker.RunAsync(remove, stop);
            if (result.ExitCode == 0 || DockerCalls.IsNotFound(result.Error))
                return;
            if (tries >= MaxTries || !result.Error.Contains("already in progress", StringComparison.Ordinal))
                throw DockerCalls.Failure(name, remove, result);
            await Task.Delay(Pause, clock, stop);
        }
    }

    /// <inheritdoc/>
    public async Task<Machine> PowerAsync(Machine machine, PowerAction action, IProgress<LabEvent> events, CancellationToken stop)
    {
        var before = await InspectAsync(machine, stop);
        if (action == PowerAction.Restart || (before.State.Status == "running") != (action == PowerAction.Start))
        {
            events.Step(machine.Name, action == PowerAction.Stop ? "Stopping the machine" : "Starting the machine");
            await docker.CheckAsync(machine.Name, new(action.ToString().ToLowerInvariant(), machine.Id), stop);
            events.Changed(machine.Name, action == PowerAction.Stop ? "stopped" : "started");
        }
        return (await InspectAsync(machine, stop)).ToMachine(keys);
    }

    private async Task<NodeContainer> InspectAsync(Machine machine, CancellationToken stop) =>
        NodeContainer.Parse(await docker.CheckAsync(machine.Name, new("container", "inspect", machine.Id), stop))[0];

    private async Task<IReadOnlyList<NodeContainer>> ContainersAsync(string? lab, CancellationToken stop)
    {
        string[] ofLab = lab is null ? [] : ["--filter", $"label={NodeContainer.LabLabel}={lab}"];
        var ids = await docker.CheckAsync("docker",
            new(["ps", "--all", "--quiet", "--no-trunc", "--filter", $"label={NodeContainer.Mark}={NodeContainer.MachineMark}", .. ofLab]), stop);
        if (ids.Length == 0)
            return [];
        var inspect = new DockerCommand(["container", "inspect", .. ids.Split('\n', StringSplitOptions.TrimEntries)]);
        var result = await docker.RunAsync(inspect, stop);
        // Containers that were removed meanwhile are listed on standard error. The others are still printed.
        return result.ExitCode == 0 || DockerCalls.IsNotFound(result.Error)
            ? NodeContainer.Parse(result.Output) : throw DockerCalls.Failure("docker", inspect, result);
    }

    private async Task<NodeContainer?> FindAsync(DockerMachineSpec spec, CancellationToken stop)
    {
        if (await docker.FindAsync(spec.Name, new("container", "inspect", spec.Name), stop) is not { } json)
            return null;
        var container = NodeContainer.Parse(json)[0];
        if (container.IsMachine && container.Lab == spec.Lab)
            return spec.Image is not { } image || NodeImage.Normalize(image) == container.Image ? container : throw new KlException(
                ErrorIds.ImageDiffers, KlErrorKind.Exists, spec.Name, $"{spec.Name} already exists with the image {container.Image} instead of {image}.",
                "Omit -Image to keep the machine, remove it first to recreate it, or choose another -Name.");
        throw new KlException(ErrorIds.NameTaken, KlErrorKind.Exists, spec.Name,
            container.IsMachine ? $"The name '{spec.Name}' belongs to a machine of lab '{container.Lab}'."
            : $"The container '{spec.Name}' already exists and was not created by KubeLab.",
            $"Choose another -Name, or remove the container ('docker rm {spec.Name}').");
    }
}
