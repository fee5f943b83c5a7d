using System.Collections.Concurrent;
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

    public string? BuildFailure { get; init; }

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
            await command.Input(Stream.Null, stop);
        // Others get their turn, as with a real engine.
        await Task.Delay(1, stop);
        lock (_turn)
            return Answer([.. command.Arguments]);
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
        ["run", "--privileged", ..] when !AllowsPrivileged => Bad("unable to apply caps: operation not permitted"),
        ["run", ..] => Good("/dev/kmsg\n"),
        ["create", .. var rest] => Create(rest),
        ["stop", var id] => Become(id, "exited"),
        ["restart", var id] => Become(id, "running"),
        ["start", var id] => StartFailures.TryDequeue(out var failure) ? Bad(failure) : Become(id, "running"),
        ["exec", _, "kubelab-admit", _] => Good("ssh-ed25519 AAAAhost"),
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
            one.Id, Name = "/" + one.Name, Created = DateTimeOffset.UnixEpoch, State = new { one.Status }, Config = new { one.Labels, Image = one.Arguments is [.., var image] ? image : null },
        })), containers.Contains(null) ? "Error: No such container: x" : "");

    private static DockerResult Good(string output) => new(0, output + "\n", "");

    private static DockerResult Bad(string error) => new(1, "", error + "\n");
}
