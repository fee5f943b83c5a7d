using System.Globalization;
using System.Net;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

public sealed partial class DockerProvider
{
    // What the engine says at start when an address or port that was free when it was chosen is no longer.
    private static readonly string[] Lost = ["Address already in use", "address already in use", "port is already allocated", "ports are not available", $"network {NodeNetwork.Name} not found", $"network {NodeNetwork.Name} is ambiguous"];
    // What it says of a container that another run removes.
    private static readonly string[] Gone = ["No such container", "marked for removal", "removal of container"];
    private const int Tries = 10, Patience = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly SemaphoreSlim OneAtATime = new(1);
    private readonly Dictionary<string, NodeProfile> _profiles = [];
    private readonly Lock _turn = new();
    private readonly Dictionary<string, Task<EngineSetup>> _grounds = [];

    /// <summary>What all machines of an engine stand on that are made of one image.</summary>
    private sealed record EngineSetup(NodeImage Image, IPNetwork Network, NodeProfile Profile, string Host);

    /// <summary>Creates the container, not yet started; null where another run was quicker. One at a time, so that each sees the places of those before it.</summary>
    private async Task<NodeContainer?> MakeAsync(MachineSpec spec, int tries, IProgress<LabEvent> events, CancellationToken stop)
    {
        var ground = await SharedGroundAsync(await BaseAsync(spec, stop), spec.Name, events, stop);
        await OneAtATime.WaitAsync(stop);
        try
        {
            var others = await ContainersAsync(null, stop);
            var place = NodeAddress.Choose(ground.Network, ground.Host, [.. others.Select(one => one.Place)]);
            events.Step(spec.Name, "creates the machine");
            var create = new DockerCommand([.. Create(spec, place, ground)]);
            var result = await docker.RunAsync(create, stop);
            if (result.ExitCode == 0)
                events.Changed(spec.Name, $"created at {place.Address}");
            else if (tries < Patience && (result.Error.Contains("Conflict. The container name", StringComparison.Ordinal) || Array.Exists(Lost, result.Error.Contains)))
                events.Detail(spec.Name, result.Error.Trim());
            else
                throw DockerCalls.Failure(spec.Name, create, result);
            return result.ExitCode == 0 && await docker.FindAsync(spec.Name, new("container", "inspect", result.Output.Trim()), stop) is { } json ? NodeContainer.Parse(json)[0] : null;
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>Prepared by the first of those who ask at once; the others get its result, or its failure.</summary>
    private Task<EngineSetup> SharedGroundAsync(NodeImage image, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        lock (_turn)
            return (_grounds.GetValueOrDefault(image.Name) is { IsCompleted: false } ground ? ground : _grounds[image.Name] = GroundAsync(image, target, events, stop)).WaitAsync(stop);
    }

    private async Task<EngineSetup> GroundAsync(NodeImage image, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (!await image.ExistsAsync(docker, target, stop))
            // Of two runs the second finds the image that the first has built.
            using (await keys.LockAsync(stop, ".image.lock"))
                await image.BuildAsync(docker, target, events, stop);
        var profile = await ProfileAsync(image, target, events, stop);
        await NodeLimits.RaiseAsync(docker, target, image, profile, events, stop);
        return new(image, await NodeNetwork.EnsureAsync(docker, target, events, stop), profile, await EngineHostAsync(stop));
    }

    /// <summary>The image that is asked for, that of the lab's other machines, or the default.</summary>
    private async Task<NodeImage> BaseAsync(MachineSpec spec, CancellationToken stop) => new(spec is DockerMachineSpec { Image: var image } ? image
        : (await ContainersAsync(spec.Lab, stop)).Select(one => one.Image).FirstOrDefault() ?? NodeImage.DefaultBase);

    private static IEnumerable<string> Create(MachineSpec spec, NodeAddress place, EngineSetup ground)
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
            [NodeContainer.ProfileLabel] = ground.Profile.ToString(),
            [NodeContainer.ImageLabel] = ground.Image.Base,
        };
        return
        [
            "create", "--pull", "never", "--name", spec.Name, "--hostname", spec.Name, "--restart", "unless-stopped",
            .. labels.SelectMany(label => new[] { "--label", $"{label.Key}={label.Value}" }),
            "--network", NodeNetwork.Name, "--ip", place.Address.ToString(),
            "--publish", $"{place.Bind}:{place.SshPort}:22", "--publish", $"{place.Bind}:{place.ApiPort}:6443",
            // So that 'docker logs' shows the boot.
            "--tty",
            // A view of its own, or the nodes' kubelets would clean up each other's pods.
            "--cgroupns", "private",
            "--tmpfs", "/run:exec,mode=755", "--tmpfs", "/tmp:exec",
            // containerd's overlays cannot lie on the engine's.
            "--volume", "/var",
            .. ground.Profile.Arguments(),
            ground.Image.Name,
        ];
    }

    /// <summary>What the engine allows: remembered, read off a machine that is there, or asked once.</summary>
    private async Task<NodeProfile> ProfileAsync(NodeImage image, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (await ContainersAsync(null, stop) is [var machine, ..])
            return NodeProfile.Parse(machine.Profile);
        var engine = await docker.CheckAsync("docker", new("info", "--format", "{{.ID}}"), stop);
        if (!_profiles.TryGetValue(engine, out var profile))
        {
            _profiles[engine] = profile = await NodeProfile.ProbeAsync(docker, image.Name, stop);
            events.Detail(target, $"the engine allows: {profile}");
        }
        return profile;
    }

    /// <summary>The engine's host as it is reached from here: the loopback, or the host of a tcp or ssh endpoint.</summary>
    private async Task<string> EngineHostAsync(CancellationToken stop)
    {
        var endpoint = await docker.CheckAsync("docker", new("context", "inspect", "--format", "{{.Endpoints.docker.Host}}"), stop);
        return Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "tcp" or "ssh" or "http" or "https" && !uri.IsLoopback
            ? uri.Host : IPAddress.Loopback.ToString();
    }

    /// <summary>Starts a container, whatever it does now; false where it had to be given up because its place was lost.</summary>
    private async Task<bool> StartAsync(NodeContainer container, int tries, IProgress<LabEvent> events, CancellationToken stop)
    {
        var name = container.Name.TrimStart('/');
        if (container.State.Status is "running" or "restarting")
            return true;
        events.Step(name, "starts the machine");
        var start = new DockerCommand(container.State.Status == "paused" ? "unpause" : "start", container.Id);
        var result = await docker.RunAsync(start, stop);
        if (result.ExitCode == 0)
        {
            events.Changed(name, "started");
            return true;
        }
        if (tries < Patience && Array.Exists(Gone, result.Error.Contains))
            return false;
        // A container that never ran holds nothing; one that did is the user's to decide about.
        if (container.State.Status != "created" || tries >= Tries || !Array.Exists(Lost, result.Error.Contains))
            throw DockerCalls.Failure(name, start, result);
        events.Detail(name, result.Error.Trim());
        await RemoveAsync(name, container.Id, stop);
        return false;
    }
}
