using System.Globalization;
using System.Net;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

public sealed partial class DockerProvider
{
    // Errors of the engine at start if an address or port has been taken since it was chosen.
    private static readonly string[] AddressTaken = ["Address already in use", "address already in use", "port is already allocated",
        "ports are not available", $"network {NodeNetwork.Name} not found", $"network {NodeNetwork.Name} is ambiguous"];
    // Errors of the engine if another process is removing the container.
    private static readonly string[] BeingRemoved = ["No such container", "marked for removal", "removal of container"];
    private const int MaxStarts = 10, MaxTries = 100;
    private const string ImageLock = ".image.lock";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly SemaphoreSlim CreateLock = new(1);
    private readonly Dictionary<string, NodeProfile> _profiles = [];
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Image, bool NoCache), Task<EngineSetup>> _setups = [];

    /// <summary>The setup that all machines of an engine with the same image share.</summary>
    private sealed record EngineSetup(NodeImage Image, string? Prepared, IPNetwork Network, NodeProfile Profile, string Host);

    /// <summary>Creates the container without starting it. Null if another process was faster. One at a time, so that each sees the addresses of those
    /// before it.</summary>
    private async Task<NodeContainer?> CreateContainerAsync(DockerMachineSpec spec, int tries, IProgress<LabEvent> events, CancellationToken stop)
    {
        var setup = await SharedSetupAsync(await BaseImageAsync(spec, stop), spec, events, stop);
        await CreateLock.WaitAsync(stop);
        try
        {
            var others = await ContainersAsync(null, stop);
            var place = NodeAddress.Choose(setup.Network, setup.Host, [.. others.Select(one => one.Address)]);
            events.Step(spec.Name, "Creating the machine");
            var create = new DockerCommand([.. Create(spec, place, setup)]);
            var result = await docker.RunAsync(create, stop);
            if (result.ExitCode == 0)
                events.Changed(spec.Name, $"created at {place.Address}");
            else if (tries < MaxTries && (result.Error.Contains("Conflict. The container name", StringComparison.Ordinal)
                || (setup.Prepared is not null && result.Error.Contains("No such image", StringComparison.Ordinal))
                || Array.Exists(AddressTaken, result.Error.Contains)))
                events.Detail(spec.Name, result.Error.Trim());
            else
                throw DockerCalls.Failure(spec.Name, create, result);
            return result.ExitCode == 0 && await docker.FindAsync(spec.Name, new("container", "inspect", result.Output.Trim()), stop) is { } json
                ? NodeContainer.Parse(json)[0] : null;
        }
        finally
        {
            CreateLock.Release();
        }
    }

    /// <summary>Prepared by the first caller. The others get its result, or its error.</summary>
    private Task<EngineSetup> SharedSetupAsync(NodeImage image, DockerMachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        lock (_lock)
            return (_setups.GetValueOrDefault((image.Name, spec.NoCache)) is { IsCompleted: false } setup ? setup
                : _setups[(image.Name, spec.NoCache)] = SetUpAsync(image, spec, events, stop)).WaitAsync(stop);
    }

    private async Task<EngineSetup> SetUpAsync(NodeImage image, DockerMachineSpec spec, IProgress<LabEvent> events, CancellationToken stop)
    {
        var target = spec.Name;
        if (!await image.ExistsAsync(docker, target, stop))
            // A second process finds the image that the first one has built.
            using (await keys.LockAsync(stop, ImageLock))
                await image.BuildAsync(docker, target, events, stop);
        var profile = await ProfileAsync(image, target, events, stop);
        await NodeLimits.RaiseAsync(docker, target, image, profile, events, stop);
        var prepared = spec.NoCache ? null : await PreparedAsync(image, target, events, stop);
        return new(image, prepared, await NodeNetwork.EnsureAsync(docker, target, events, stop), profile, await EngineHostAsync(stop));
    }

    /// <summary>The requested image, the image of the lab's other machines, or the default.</summary>
    private async Task<NodeImage> BaseImageAsync(DockerMachineSpec spec, CancellationToken stop) => new(spec.Image
        ?? (await ContainersAsync(spec.Lab, stop)).Select(one => one.Image).FirstOrDefault() ?? NodeImage.DefaultBase);

    private static IEnumerable<string> Create(DockerMachineSpec spec, NodeAddress place, EngineSetup setup)
    {
        string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
        var labels = new Dictionary<string, string>
        {
            [NodeContainer.Mark] = NodeContainer.MachineMark,
            [NodeContainer.LabLabel] = spec.Lab,
            [NodeContainer.MachineLabel] = spec.Name,
            [NodeContainer.AddressLabel] = place.Address.ToString(),
            [NodeContainer.HostLabel] = place.Host,
            [NodeContainer.SshLabel] = Number(place.SshPort),
            [NodeContainer.ApiLabel] = Number(place.ApiPort),
            [NodeContainer.ProfileLabel] = setup.Profile.ToString(),
            [NodeContainer.ImageLabel] = setup.Image.Base,
        };
        return
        [
            "create", "--pull", "never", "--name", spec.Name, "--hostname", spec.Name, "--restart", "unless-stopped",
            .. labels.SelectMany(label => new[] { "--label", $"{label.Key}={label.Value}" }),
            "--network", NodeNetwork.Name, "--ip", place.Address.ToString(),
            "--publish", $"{place.Bind}:{place.SshPort}:22", "--publish", $"{place.Bind}:{place.ApiPort}:6443",
            // containerd's overlay file system does not work on top of the engine's.
            "--volume", "/var",
            .. setup.Profile.Arguments(),
            setup.Prepared ?? setup.Image.Name,
        ];
    }

    /// <summary>The engine's capabilities: cached, read from an existing machine, or probed once.</summary>
    private async Task<NodeProfile> ProfileAsync(NodeImage image, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await ContainersAsync(null, stop) is [var machine, ..])
            return NodeProfile.Parse(machine.Profile);
        var engine = await docker.CheckAsync("docker", new("info", "--format", "{{.ID}}"), stop);
        if (!_profiles.TryGetValue(engine, out var profile))
        {
            _profiles[engine] = profile = await NodeProfile.ProbeAsync(docker, image.Name, stop);
            events.Detail(target, $"capabilities of the engine: {profile}");
        }
        return profile;
    }

    /// <summary>The address of the engine's host: the loopback address, or the host of a tcp or ssh endpoint.</summary>
    private async Task<string> EngineHostAsync(CancellationToken stop)
    {
        var endpoint = await docker.CheckAsync("docker", DockerCalls.Endpoint, stop);
        return Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "tcp" or "ssh" or "http" or "https" && !uri.IsLoopback
            ? uri.Host : IPAddress.Loopback.ToString();
    }

    /// <summary>Starts a container in any state. False if it had to be removed because its address or port was taken.</summary>
    private async Task<bool> StartAsync(NodeContainer container, int tries, IProgress<LabEvent> events, CancellationToken stop)
    {
        var name = container.Name.TrimStart('/');
        if (container.State.Status is "running" or "restarting")
            return true;
        events.Step(name, "Starting the machine");
        var start = new DockerCommand(container.State.Status == "paused" ? "unpause" : "start", container.Id);
        var result = await docker.RunAsync(start, stop);
        if (result.ExitCode == 0)
        {
            events.Changed(name, "started");
            return true;
        }
        if (tries < MaxTries && Array.Exists(BeingRemoved, result.Error.Contains))
            return false;
        // A container that has never run contains no data. Any other container is left for the user to decide.
        if (container.State.Status != "created" || tries >= MaxStarts || !Array.Exists(AddressTaken, result.Error.Contains))
            throw DockerCalls.Failure(name, start, result);
        events.Detail(name, result.Error.Trim());
        await RemoveAsync(name, container.Id, stop);
        return false;
    }
}
