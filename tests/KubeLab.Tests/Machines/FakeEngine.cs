using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Text.Json;
using KubeLab.Engine.Docker;

namespace KubeLab.Tests.Machines;

/// <summary>A Docker engine in memory: what the provider asks of one, and nothing else.</summary>
internal sealed class FakeEngine : IDocker
{
    private readonly Lock _turn = new();

    public sealed record Container(string Id, string Name, Dictionary<string, string> Labels, IReadOnlyList<string> Arguments)
    {
        public string Status { get; set; } = "created";
    }

    public List<Container> Containers { get; } = [];

    public Dictionary<string, (string Subnet, string? Label)> Networks { get; } = new() { ["bridge"] = ("172.17.0.0/16", null) };

    public HashSet<string> RefusedSubnets { get; } = [];

    public bool HasImage { get; set; } = true;

    public bool AllowsPrivileged { get; set; } = true;

    /// <summary>What the next starts answer, one each; when it is empty they succeed.</summary>
    public ConcurrentQueue<string> StartFailures { get; } = new();

    /// <summary>What the next creations and removals answer, one each; when it is empty they succeed.</summary>
    public ConcurrentQueue<string> CreateFailures { get; } = new();

    public ConcurrentQueue<string> RemoveFailures { get; } = new();

    /// <summary>Happens before a command is answered: what another run does.</summary>
    public Action<string[]>? Meanwhile { get; set; }

    /// <summary>What kubelab-limits prints.</summary>
    public string Limits { get; init; } = "fs.inotify.max_user_instances 8192\nfs.inotify.max_user_watches 524288";

    /// <summary>What kubelab-admit and the log of the container say of a boot that failed; null: it succeeds.</summary>
    public (string Said, string Log)? BootFailure { get; init; }

    public string? BuildFailure { get; init; }

    /// <summary>The last Dockerfile that an image was built of.</summary>
    public string? Dockerfile { get; private set; }

    public ConcurrentQueue<string> Calls { get; } = new();

    public Container Add(string name, params (string Key, string Value)[] labels)
    {
        var container = new Container($"id-{name}-{Guid.NewGuid():n}", name, labels.ToDictionary(one => one.Key, one => one.Value), []) { Status = "running" };
        Containers.Add(container);
        return container;
    }

    public async Task<DockerResult> RunAsync(DockerCommand command, CancellationToken stop)
    {
        Calls.Enqueue(string.Join(' ', command.Arguments));
        if (command.Input is not null)
            Dockerfile = await DockerfileAsync(command.Input, stop);
        // Others get their turn, as with a real engine.
        await Task.Delay(1, stop);
        lock (_turn)
        {
            Meanwhile?.Invoke([.. command.Arguments]);
            return Answer([.. command.Arguments]);
        }
    }

    /// <summary>Another run creates the same container.</summary>
    public Container Create(string[] arguments, string status)
    {
        Assert.Equal(0, Create(arguments).ExitCode);
        Containers[^1].Status = status;
        return Containers[^1];
    }

    private static async Task<string> DockerfileAsync(Func<Stream, CancellationToken, Task> write, CancellationToken stop)
    {
        using var context = new MemoryStream();
        await write(context, stop);
        context.Position = 0;
        await using var tar = new TarReader(context);
        while (await tar.GetNextEntryAsync(cancellationToken: stop) is { } entry)
            if (entry.Name == "Dockerfile")
                return await new StreamReader(entry.DataStream!).ReadToEndAsync(stop);
        return "";
    }

    private DockerResult Answer(string[] arguments) => arguments switch
    {
        ["ps", "--all", "--quiet", "--no-trunc", .. var filters] => Good(string.Join('\n', Containers.Where(one => filters.Where(f => f != "--filter")
            .Select(f => f["label=".Length..].Split('=')).All(f => one.Labels.GetValueOrDefault(f[0]) == f[1])).Select(one => one.Id))),
        ["container", "inspect", "--format", "{{.Id}}", var id] => Containers.Find(one => one.Id == id) is { } found ? Good(found.Id) : Bad($"Error: No such container: {id}"),
        ["container", "inspect", .. var names] => Inspect([.. names.Select(name => Containers.Find(one => one.Id == name || one.Name == name))]),
        ["image", "inspect", ..] => HasImage ? Good("sha256:1") : Bad("Error: No such image: x"),
        ["build", "--force-rm", "--tag", _, "-"] => BuildFailure is null ? Good((HasImage = true).ToString()) : Bad(BuildFailure),
        ["network", "ls", "--no-trunc", "--filter", "name=^kubelab$", "--format", _] => Good(Networks.ContainsKey("kubelab") ? "2026-01-01 00:00:00 +0000 UTC\tkubelab" : ""),
        ["network", "inspect", var name] => Networks.TryGetValue(name, out var network)
            ? Good(JsonSerializer.Serialize(new[] { new { Labels = new Dictionary<string, string?> { ["org.kubelab"] = network.Label }, IPAM = new { Config = new[] { new { network.Subnet } } }, Options = new { } } }))
            : Bad($"Error response from daemon: network {name} not found"),
        ["network", "create", "--label", "org.kubelab=network", "--subnet", var subnet, "--gateway", _, "kubelab"] =>
            RefusedSubnets.Contains(subnet) ? Bad("Error response from daemon: Pool overlaps with other one on this address space")
            : Networks.TryAdd("kubelab", (subnet, "network")) ? Good("kubelab") : Bad("network with name kubelab already exists"),
        ["network", "rm", "kubelab"] => Networks.Remove("kubelab") ? Good("kubelab") : Bad("network kubelab not found"),
        ["info", ..] => Good("ENGINE-ID"),
        ["context", "inspect", ..] => Good("unix:///var/run/docker.sock"),
        ["run", .., "--entrypoint", "kubelab-limits", _] => Good(Limits),
        ["run", "--privileged", ..] when !AllowsPrivileged => Bad("unable to apply caps: operation not permitted"),
        ["run", ..] => Good("/dev/kmsg\n"),
        ["create", .. var rest] => CreateFailures.TryDequeue(out var failure) ? Bad(failure) : Create(rest),
        ["stop", var id] => Become(id, "exited"),
        ["restart", var id] => Become(id, "running"),
        ["start" or "exec" or "restart", var id, ..] when !Containers.Exists(one => one.Id == id) => Bad($"Error: No such container: {id}"),
        ["exec", _, "kubelab-admit", _] when BootFailure is { } boot => Bad(boot.Said),
        ["logs", "--tail", "20", _] => Good(BootFailure?.Log ?? ""),
        ["start", var id] => StartFailures.TryDequeue(out var failure) ? Bad(failure) : Become(id, "running"),
        ["exec", _, "kubelab-admit", _] => Good("ssh-ed25519 AAAAhost"),
        ["rm", "--force", "--volumes", _] when RemoveFailures.TryDequeue(out var failure) => Bad(failure),
        ["rm", "--force", "--volumes", var id] => Containers.RemoveAll(one => one.Id == id) == 1 ? Good(id) : Bad($"No such container: {id}"),
        _ => throw new InvalidOperationException($"nobody expected 'docker {string.Join(' ', arguments)}'"),
    };

    private DockerResult Create(string[] arguments)
    {
        string[] Values(string option) => [.. arguments.Index().Where(one => one.Item == option).Select(one => arguments[one.Index + 1])];
        var name = Values("--name")[0];
        if (Containers.Exists(one => one.Name == name))
            return Bad($"Conflict. The container name \"/{name}\" is already in use");
        var labels = Values("--label").Select(label => label.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);
        Containers.Add(new($"id-{name}-{Guid.NewGuid():n}", name, labels, arguments));
        return Good(Containers[^1].Id);
    }

    private DockerResult Become(string id, string status)
    {
        Containers.Single(one => one.Id == id).Status = status;
        return Good(id);
    }

    private static DockerResult Inspect(Container?[] containers) => new(containers.Contains(null) ? 1 : 0,
        JsonSerializer.Serialize(containers.OfType<Container>().Select(one => new
        {
            one.Id, Name = "/" + one.Name, Created = DateTimeOffset.UnixEpoch, State = new { one.Status }, Config = new { one.Labels },
        })), containers.Contains(null) ? "Error: No such container: x" : "");

    private static DockerResult Good(string output) => new(0, output + "\n", "");

    private static DockerResult Bad(string error) => new(1, "", error + "\n");
}
