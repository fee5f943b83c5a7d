using System.Formats.Tar;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>Images of machines on which Kubernetes is installed.</summary>
/// <remarks>A container without a key and with little CPU time prepares itself and exits, so that no process of KubeLab has to wait. The next process that
/// looks for images commits it. Nothing of a machine that was in use becomes part of an image.</remarks>
internal sealed class PreparedImages(IDocker docker, TimeProvider clock)
{
    /// <summary>The sum of the sizes above which the least recently used images are removed, in bytes.</summary>
    public const long MaximumSize = 8_000_000_000;

    /// <summary>The exit code of a container that prepared itself completely. An engine that stops it reports another one.</summary>
    public const int Prepared = 77;

    private const string Repository = "kubelab-prepared", PreparingMark = "preparing", ImageMark = "prepared-image",
        NodeLabel = "org.kubelab.node-image", VersionLabel = "org.kubelab.kubernetes";

    // The unit's own time limit is shorter.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(40), StartLimit = TimeSpan.FromMinutes(2);

    // Runs at boot, then ends the container with its result (systemd.unit(5), systemd.service(5)).
    private static readonly string Unit = $"""
        [Unit]
        Description=Preparation of a machine image
        After=network.target dbus.service kubelab-dns.service
        SuccessAction=exit
        SuccessActionExitStatus={Prepared}
        FailureAction=exit
        FailureActionExitStatus=1

        [Service]
        Type=oneshot
        Environment=HOME=/root
        ExecStart=/bin/bash -s
        StandardInput=file:/etc/kubelab/prepare
        StandardOutput=journal+console
        StandardError=journal+console
        TimeoutStartSec=30min

        """;

    private sealed record ImageConfig(IReadOnlyDictionary<string, string>? Labels);

    private sealed record ImageMetadata(DateTimeOffset LastTagTime);

    // Engine API, ImageInspect.
    private sealed record Image(string Id, string[]? RepoTags, DateTimeOffset Created, long Size, ImageMetadata? Metadata, ImageConfig Config)
    {
        public string? Name => RepoTags?.FirstOrDefault(tag => tag.StartsWith(Repository + ":", StringComparison.Ordinal));

        public string? Label(string name) => Config.Labels?.GetValueOrDefault(name);

        // An engine that was never asked to tag an image reports the year 1.
        public DateTimeOffset LastUsed => Metadata is { LastTagTime.Year: > 1 } metadata ? metadata.LastTagTime : Created;
    }

    /// <summary>Starts a container that prepares itself, unless its image exists or another one is preparing it.</summary>
    /// <exception cref="KlException">The errors of docker.</exception>
    public async Task StartAsync(NodeImage node, NodeProfile profile, Preparation preparation, IProgress<LabEvent> events, CancellationToken stop)
    {
        var name = NameOf(node, preparation.Recipe);
        if (await docker.FindAsync(name, new("image", "inspect", "--format", "{{.Id}}", name), stop) is not null)
            return;
        var network = (await NodeNetwork.EnsureAsync(docker, name, events, stop)).BaseAddress.GetAddressBytes();
        // No machine has an address below x.y.1.1.
        var address = new IPAddress([network[0], network[1], 0, (byte)(16 + (name[^1] % 128))]);
        var create = new DockerCommand(
        [
            "create", "--pull", "never", "--name", name.Replace(':', '-'), "--hostname", "prepared",
            "--label", $"{NodeContainer.Mark}={PreparingMark}", "--label", $"{NodeContainer.ImageLabel}={node.Base}",
            "--label", $"{NodeLabel}={node.Name}", "--label", $"{VersionLabel}={preparation.Version}",
            "--network", NodeNetwork.Name, "--ip", address.ToString(),
            // A quarter of what a machine gets if both need the CPU.
            "--cpu-shares", "256",
            .. profile.Arguments(),
            // Unlike --volume, --mount does not become a part of the image.
            "--mount", "type=volume,destination=/var/lib/containerd",
            node.Name,
        ]);
        var result = await docker.RunAsync(create, stop);
        if (result.ExitCode != 0)
        {
            events.Detail(name, $"not prepared: {OutputTail.Of(result.Error, 1)}");
            return;
        }
        var id = result.Output.Trim();
        try
        {
            await docker.CheckAsync(name, new("cp", "-", $"{id}:/") { Input = (tar, token) => WriteAsync(tar, preparation.Script, token) }, stop);
            await docker.CheckAsync(name, new("start", id), stop);
            events.Detail(name, "is being prepared in the background");
        }
        catch (KlException)
        {
            await RemoveContainerAsync(id, stop);
            throw;
        }
    }

    /// <summary>Commits containers that have prepared themselves, and removes those that failed.</summary>
    /// <param name="isEnd">Whether to remove those that are still preparing themselves, too.</param>
    /// <param name="events">Receives the progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">The errors of docker.</exception>
    public async Task CollectAsync(bool isEnd, IProgress<LabEvent> events, CancellationToken stop)
    {
        var ids = await docker.CheckAsync("docker",
            new("ps", "--all", "--quiet", "--no-trunc", "--filter", $"label={NodeContainer.Mark}={PreparingMark}"), stop);
        foreach (var id in ids.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (await docker.FindAsync(id, new("container", "inspect", id), stop) is not { } json)
                continue;
            var container = NodeContainer.Parse(json)[0];
            var (name, age) = (container.Name.TrimStart('/'), clock.GetUtcNow() - container.Created);
            switch (container.State)
            {
                case { Status: "exited", ExitCode: Prepared }:
                    var image = $"{Repository}:{name[(Repository.Length + 1)..]}";
                    events.Step(image, "Keeping the prepared machine as an image (once)");
                    await docker.CheckAsync(image, new("commit", "--change", $"LABEL {NodeContainer.Mark}={ImageMark}", id, image), stop);
                    events.Changed(image, "created");
                    break;
                case { Status: "created" } when !isEnd && age < StartLimit:
                case { Status: "running" } when !isEnd && age < TimeLimit:
                    continue;
                default:
                    var log = await docker.RunAsync(new("logs", "--tail", "20", id), stop);
                    events.Detail(name, $"not prepared. The end of its log:\n{OutputTail.Of(log.Output + log.Error)}");
                    break;
            }
            await RemoveContainerAsync(id, stop);
        }
    }

    /// <summary>Lists the images, the most recently used first.</summary>
    /// <exception cref="KlException">The errors of docker.</exception>
    public async Task<IReadOnlyList<KlMachineImage>> ListAsync(CancellationToken stop) => [.. (await ImagesAsync(stop)).Select(image => new KlMachineImage
    {
        Name = image.Name!,
        Provider = DockerProvider.ProviderName,
        Image = image.Label(NodeContainer.ImageLabel) ?? "",
        Version = image.Label(VersionLabel) ?? "",
        Size = image.Size,
        Created = image.Created,
        LastUsed = image.LastUsed,
    })];

    /// <summary>The most recently used image that was prepared from a node image, or null. Also removes images above the size limit.</summary>
    /// <exception cref="KlException">The errors of docker.</exception>
    public async Task<string?> ChooseAsync(NodeImage node, IProgress<LabEvent> events, CancellationToken stop)
    {
        var images = await ImagesAsync(stop);
        var chosen = images.FirstOrDefault(image => image.Label(NodeLabel) == node.Name);
        // Records the time of use.
        if (chosen is not null)
            await docker.CheckAsync(chosen.Name!, new("tag", chosen.Name!, chosen.Name!), stop);
        var size = 0L;
        foreach (var image in images.OrderByDescending(image => image == chosen))
            if ((size += image.Size) > MaximumSize && image != chosen)
                await RemoveAsync(image.Name!, events, stop);
        return chosen?.Name;
    }

    /// <summary>Removes an image.</summary>
    /// <exception cref="KlException">ImageInvalid: it is not a prepared image. The errors of docker.</exception>
    public async Task RemoveAsync(string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (!name.StartsWith(Repository + ":", StringComparison.Ordinal))
            throw new KlException(ErrorIds.ImageInvalid, KlErrorKind.InvalidInput, name, $"'{name}' is not a prepared machine image.");
        // --force removes only the name of an image that machines use. Its layers are removed with the last of them.
        if (await docker.FindAsync(name, new("image", "rm", "--force", name), stop) is not null)
            events.Changed(name, "removed");
    }

    private async Task<IReadOnlyList<Image>> ImagesAsync(CancellationToken stop)
    {
        var ids = await docker.CheckAsync("docker",
            new("images", "--quiet", "--no-trunc", "--filter", $"label={NodeContainer.Mark}={ImageMark}", Repository), stop);
        if (ids.Length == 0)
            return [];
        // Images that were removed meanwhile are reported on standard error.
        var inspect = await docker.RunAsync(new(["image", "inspect", .. ids.Split('\n', StringSplitOptions.TrimEntries).Distinct()]), stop);
        return [.. JsonSerializer.Deserialize<List<Image>>(inspect.Output)!.Where(image => image.Name is not null).OrderByDescending(image => image.LastUsed)];
    }

    private Task<DockerResult> RemoveContainerAsync(string id, CancellationToken stop) => docker.RunAsync(new("rm", "--force", "--volumes", id), stop);

    private static string NameOf(NodeImage node, string recipe) =>
        $"{Repository}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{node.Name}\n{recipe}")))[..12]}";

    private static async Task WriteAsync(Stream output, string script, CancellationToken stop)
    {
        const string units = "etc/systemd/system/", unit = "kubelab-prepare.service";
        await using var tar = ContextTar.Open(output);
        await tar.AddAsync("etc/kubelab/prepare", Encoding.UTF8.GetBytes(script), isPublic: false, stop);
        await tar.AddAsync(units + unit, Encoding.UTF8.GetBytes(Unit), isPublic: false, stop);
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.SymbolicLink, $"{units}multi-user.target.wants/{unit}") { LinkName = $"../{unit}" }, stop);
    }
}
