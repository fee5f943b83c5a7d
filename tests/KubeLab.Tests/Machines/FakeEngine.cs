using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using KubeLab.Engine.Docker;

namespace KubeLab.Tests.Machines;

/// <summary>A Docker engine in memory that supports only the provider's commands.</summary>
internal sealed class FakeEngine : IDocker
{
    private readonly Lock _turn = new();

    public sealed record Container(string Id, string Name, Dictionary<string, string> Labels, IReadOnlyList<string> Arguments)
    {
        public string Status { get; set; } = "created";

        public int ExitCode { get; set; }

        public DateTimeOffset Created { get; set; } = DateTimeOffset.UnixEpoch;
    }

    /// <summary>A prepared image.</summary>
    public sealed record Image(string Name, Dictionary<string, string> Labels, long Size, DateTimeOffset LastUsed);

    public List<Image> Images { get; } = [];

    /// <summary>The files of the last build context or copy.</summary>
    public Dictionary<string, string> Copied { get; private set; } = [];

    public List<Container> Containers { get; } = [];

    public Dictionary<string, (string Subnet, string? Label)> Networks { get; } = new() { ["bridge"] = ("172.17.0.0/16", null) };

    public HashSet<string> RefusedSubnets { get; } = [];

    public bool HasImage { get; set; } = true;

    public bool AllowsPrivileged { get; set; } = true;

    /// <summary>The errors of the next starts. If empty, they succeed.</summary>
    public ConcurrentQueue<string> StartFailures { get; } = new();

    /// <summary>The errors of the next creations and removals. If empty, they succeed.</summary>
    public ConcurrentQueue<string> CreateFailures { get; } = new();

    public ConcurrentQueue<string> RemoveFailures { get; } = new();

    /// <summary>Runs before each command, to simulate another process.</summary>
    public Action<string[]>? Meanwhile { get; set; }

    /// <summary>The output of kubelab-limits.</summary>
    public string Limits { get; init; } = "fs.inotify.max_user_instances 8192\nfs.inotify.max_user_watches 524288";

    /// <summary>The output of kubelab-admit and the container's log for a failed boot. Null: the boot succeeds.</summary>
    public (string Error, string Log)? BootFailure { get; init; }

    public string? BuildFailure { get; init; }

    /// <summary>The Dockerfile of the last build.</summary>
    public string? Dockerfile => Copied.GetValueOrDefault("Dockerfile");

    public ConcurrentQueue<string> Calls { get; } = new();

    public Container Add(string name, params (string Key, string Value)[] labels)
    {
        var container = new Container($"id-{name}-{Guid.NewGuid():n}", name, labels.ToDictionary(one => one.Key, one => one.Value), []) { Status = "running" };
        Containers.Add(container);
        return container;
    }

    /// <summary>Returns the output of a script that is run with docker exec.</summary>
    public Func<Container, string, string>? Script { get; set; }

    /// <summary>The containers to start later.</summary>
    public ConcurrentQueue<(DelayedStart Start, TimeSpan Delay)> DelayedStarts { get; } = new();

    /// <summary>The labels of the volumes that mark power cuts, by name.</summary>
    public Dictionary<string, Dictionary<string, string>> Volumes { get; } = [];

    public Task StartLaterAsync(DelayedStart start, TimeSpan delay, CancellationToken stop)
    {
        DelayedStarts.Enqueue((start, delay));
        return Task.CompletedTask;
    }

    public async Task<DockerResult> RunAsync(DockerCommand command, CancellationToken stop)
    {
        Calls.Enqueue(string.Join(' ', command.Arguments));
        if (command.Arguments is ["exec", "-i", var id, "bash", "-s", "--"])
            return await RunScriptAsync(Containers.Single(one => one.Id == id), command, stop);
        if (command.Input is not null)
            Copied = await ReadAsync(command.Input, stop);
        // Let other tasks run, like a real engine.
        await Task.Delay(1, stop);
        lock (_turn)
        {
            Meanwhile?.Invoke([.. command.Arguments]);
            return Answer([.. command.Arguments]);
        }
    }

    /// <summary>Simulates another process that creates the same container.</summary>
    public Container Create(string[] arguments, string status)
    {
        Assert.Equal(0, Create(arguments).ExitCode);
        Containers[^1].Status = status;
        return Containers[^1];
    }

    private async Task<DockerResult> RunScriptAsync(Container container, DockerCommand command, CancellationToken stop)
    {
        using var input = new MemoryStream();
        await command.Input!(input, stop);
        var output = (Script ?? throw new InvalidOperationException("unexpected script"))(container, Encoding.UTF8.GetString(input.ToArray()));
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            command.Line?.Invoke(line);
        return Success(output);
    }

    private static async Task<Dictionary<string, string>> ReadAsync(Func<Stream, CancellationToken, Task> write, CancellationToken stop)
    {
        var files = new Dictionary<string, string>();
        using var context = new MemoryStream();
        await write(context, stop);
        context.Position = 0;
        await using var tar = new TarReader(context);
        while (await tar.GetNextEntryAsync(cancellationToken: stop) is { } entry)
            files[entry.Name] = entry.DataStream is { } content ? await new StreamReader(content).ReadToEndAsync(stop) : entry.LinkName;
        return files;
    }

    private DockerResult Answer(string[] arguments) => arguments switch
    {
        ["ps", "--all", "--quiet", "--no-trunc", .. var filters] => Success(string.Join('\n', Containers.Where(one => filters.Where(f => f != "--filter")
            .Select(f => f["label=".Length..].Split('=')).All(f => one.Labels.GetValueOrDefault(f[0]) == f[1])).Select(one => one.Id))),
        ["container", "inspect", "--format", "{{.Id}}", var id] => Containers.Find(one => one.Id == id) is { } found
        ? Success(found.Id) : Failure($"Error: No such container: {id}"),
        ["container", "inspect", "--format", "{{.State.Status}} {{.State.StartedAt}}", var id] =>
        Success($"{Containers.Find(one => one.Id == id)!.Status} T0"),
        ["volume", "create", .. var rest] => CreateVolume(rest),
        ["volume", "ls", "--filter", "label=org.kubelab=power-cut", "--format", var format] => Success(string.Join('\n', Volumes.Values.Select(labels =>
            labels.Aggregate(format, (line, label) => line.Replace($"{{{{.Label \"{label.Key}\"}}}}", label.Value, StringComparison.Ordinal))))),
        ["volume", "rm", var name] => Volumes.Remove(name) ? Success(name) : Failure($"Error: No such volume: {name}"),
        ["kill", var id] => SetStatus(id, "exited"),
        ["container", "inspect", .. var names] => Inspect([.. names.Select(name => Containers.Find(one => one.Id == name || one.Name == name))]),
        ["image", "inspect", "--format", "{{.Id}}", var name] when name.StartsWith("kubelab-prepared:", StringComparison.Ordinal) =>
            Images.Exists(one => one.Name == name) ? Success("sha256:2") : Failure($"Error: No such image: {name}"),
        ["image", "inspect", "--format", ..] => HasImage ? Success("sha256:1") : Failure("Error: No such image: x"),
        ["image", "inspect", .. var ids] => Success(JsonSerializer.Serialize(Images.Where(one => ids.Contains("id-" + one.Name)).Select(one => new
        {
            Id = "id-" + one.Name, RepoTags = new[] { one.Name }, Created = DateTimeOffset.UnixEpoch, one.Size,
            Metadata = new { LastTagTime = one.LastUsed }, Config = new { one.Labels },
        }))),
        ["images", "--quiet", "--no-trunc", "--filter", "label=org.kubelab=prepared-image", "kubelab-prepared"] =>
            Success(string.Join('\n', Images.Select(one => "id-" + one.Name))),
        ["image", "rm", "--force", var name] => Images.RemoveAll(one => one.Name == name) == 1 ? Success(name) : Failure($"Error: No such image: {name}"),
        ["tag", var name, _] => Use(name),
        ["commit", "--change", var change, var id, var name] => Commit(change, id, name),
        ["cp", "-", _] => Success(""),
        ["build", "--force-rm", "--tag", _, "-"] => BuildFailure is null ? Success((HasImage = true).ToString()) : Failure(BuildFailure),
        ["network", "ls", "--no-trunc", "--filter", "name=^kubelab$", "--format", _] =>
        Success(Networks.ContainsKey("kubelab") ? "2026-01-01 00:00:00 +0000 UTC\tkubelab" : ""),
        ["network", "inspect", var name] => Networks.TryGetValue(name, out var network)
            ? Success(JsonSerializer.Serialize(new[] { new { Labels = new Dictionary<string, string?> { ["org.kubelab"] = network.Label },
                IPAM = new { Config = new[] { new { network.Subnet } } }, Options = new { } } }))
            : Failure($"Error response from daemon: network {name} not found"),
        ["network", "create", "--label", "org.kubelab=network", "--subnet", var subnet, "--gateway", _, "kubelab"] =>
            RefusedSubnets.Contains(subnet) ? Failure("Error response from daemon: Pool overlaps with other one on this address space")
            : Networks.TryAdd("kubelab", (subnet, "network")) ? Success("kubelab") : Failure("network with name kubelab already exists"),
        ["network", "rm", "kubelab"] => Networks.Remove("kubelab") ? Success("kubelab") : Failure("network kubelab not found"),
        ["info", ..] => Success("ENGINE-ID"),
        ["context", "inspect", ..] => Success("unix:///var/run/docker.sock"),
        ["run", .., "--entrypoint", "kubelab-limits", _] => Success(Limits),
        ["run", "--privileged", ..] when !AllowsPrivileged => Failure("unable to apply caps: operation not permitted"),
        ["run", ..] => Success("/dev/kmsg\n"),
        ["create", .. var rest] => CreateFailures.TryDequeue(out var failure) ? Failure(failure) : Create(rest),
        ["stop", var id] => SetStatus(id, "exited"),
        ["restart", var id] => SetStatus(id, "running"),
        ["start" or "exec" or "restart", var id, ..] when !Containers.Exists(one => one.Id == id) => Failure($"Error: No such container: {id}"),
        ["exec", _, "kubelab-admit", _] when BootFailure is { } boot => Failure(boot.Error),
        ["logs", "--tail", "20", _] => Success(BootFailure?.Log ?? ""),
        ["start", var id] => StartFailures.TryDequeue(out var failure) ? Failure(failure) : SetStatus(id, "running"),
        ["exec", _, "kubelab-admit", _] => Success("ssh-ed25519 AAAAhost"),
        ["rm", "--force", "--volumes", _] when RemoveFailures.TryDequeue(out var failure) => Failure(failure),
        ["rm", "--force", "--volumes", var id] => Containers.RemoveAll(one => one.Id == id) == 1 ? Success(id) : Failure($"No such container: {id}"),
        _ => throw new InvalidOperationException($"unexpected command 'docker {string.Join(' ', arguments)}'"),
    };

    private DockerResult CreateVolume(string[] arguments)
    {
        Volumes[arguments[^1]] = arguments[..^1].Where(one => one != "--label").Select(label => label.Split('=', 2))
            .ToDictionary(one => one[0], one => one[1]);
        return Success(arguments[^1]);
    }

    private DockerResult Create(string[] arguments)
    {
        string[] Values(string option) => [.. arguments.Index().Where(one => one.Item == option).Select(one => arguments[one.Index + 1])];
        var name = Values("--name")[0];
        if (Containers.Exists(one => one.Name == name))
            return Failure($"Conflict. The container name \"/{name}\" is already in use");
        var labels = Values("--label").Select(label => label.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);
        Containers.Add(new($"id-{name}-{Guid.NewGuid():n}", name, labels, arguments));
        return Success(Containers[^1].Id);
    }

    private DockerResult Commit(string change, string id, string name)
    {
        var label = change["LABEL ".Length..].Split('=');
        Images.Add(new(name, new(Containers.Single(one => one.Id == id).Labels) { [label[0]] = label[1] }, 1, DateTimeOffset.UnixEpoch));
        return Success("sha256:2");
    }

    private DockerResult Use(string name)
    {
        var at = Images.FindIndex(one => one.Name == name);
        Images[at] = Images[at] with { LastUsed = Images.Max(one => one.LastUsed).AddSeconds(1) };
        return Success("");
    }

    private DockerResult SetStatus(string id, string status)
    {
        Containers.Single(one => one.Id == id).Status = status;
        return Success(id);
    }

    private static DockerResult Inspect(Container?[] containers) => new(containers.Contains(null) ? 1 : 0,
        JsonSerializer.Serialize(containers.OfType<Container>().Select(one => new
        {
            one.Id, Name = "/" + one.Name, one.Created, State = new { one.Status, one.ExitCode }, Config = new { one.Labels },
        })), containers.Contains(null) ? "Error: No such container: x" : "");

    private static DockerResult Success(string output) => new(0, output + "\n", "");

    private static DockerResult Failure(string error) => new(1, "", error + "\n");
}
