using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.LoadBalancers;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Machines;
using KubeLab.Engine.Manifests;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Fake machines with configured results of node scripts, and an API that lists the joined nodes. Unexpected scripts are errors.</summary>
internal sealed class FakeCluster : INodeApi, IClusterAccess
{
    private readonly Dictionary<(string Machine, string Script), Func<string, CommandResult>> _results = [];
    private readonly List<string> _ran = [];

    public FakeCluster()
    {
        Hosts = new FakeHosts(Run);
        var clock = new QuickClock();
        Kubeadm = new(Hosts, clock, this, new PodNetworks(Hosts, clock, new(new HttpClient(), clock), ManifestText.Objects),
            new LoadBalancerClient(Hosts, [Provider]));
    }

    public FakeHosts Hosts { get; }

    public FakeProvider Provider { get; } = new();

    public Kubeadm Kubeadm { get; }

    public Heard Heard { get; } = new();

    public Dictionary<string, Exception> Failures { get; } = [];

    public List<NodeState> Nodes { get; } = [];

    /// <summary>Runs before the nodes are listed.</summary>
    public Action? Listing { get; set; }

    /// <summary>The result of a readiness probe: null if the API server is ready. Probes are not expected if this is not set.</summary>
    public Func<KlException?>? Probing { get; set; }

    public List<MissingObject> Missing { get; } = [];

    /// <summary>Returns the images that a node cannot pull.</summary>
    public Func<string, FailedPull[]> Pulls { get; set; } = _ => [];

    public List<JsonObject> Applied { get; } = [];

    public Dictionary<string, Uri> Contexts { get; } = [];

    public List<string> Drained { get; } = [];

    /// <summary>What commands print: MACHINE SCRIPT.</summary>
    public Dictionary<string, byte[]> Sent { get; } = [];

    /// <summary>What commands read from a stream: MACHINE SCRIPT.</summary>
    public ConcurrentDictionary<string, byte[]> Received { get; } = [];

    /// <summary>The scripts that ran: MACHINE SCRIPT, in order.</summary>
    public IReadOnlyList<string> Ran
    {
        get
        {
            lock (_ran)
                return [.. _ran];
        }
    }

    public static Machine Machine(string name, int number, string lab = "k") => new()
    {
        Name = name, Lab = lab, Provider = "Fake", Id = name, State = "Running", Address = $"10.77.1.{number}",
        Ssh = new("127.0.0.1", 22000 + number, "root"), ApiEndpoint = $"127.0.0.1:{21000 + number}", IsContainer = true,
    };

    public static NodeState Node(string name, int number, bool isReady = true) =>
        new(name, isReady, isReady ? "" : "container runtime network not ready", $"10.244.{number - 1}.0/24", $"10.77.1.{number}", "1.20.2");

    /// <summary>Configures facts.sh for a machine with Kubernetes installed.</summary>
    public void Installed(Machine machine, params string[] facts) =>
        On(machine.Name, "facts",
            ["kubeadm=v1.20.2", "cgroup=1", "networks=10.77.0.0/16 ", "mirror.imageRepository=10.77.0.2:5000", "mirror.podNetwork=HostRoutes", .. facts]);

    public void On(string machine, string script, params string[] facts) =>
        On(machine, script, _ => new(0, string.Concat(facts.Select(fact => $"::fact {fact}\n")), ""));

    public void On(string machine, string script, Func<string, CommandResult> result) => _results[(machine, script)] = result;

    /// <summary>Configures a script whose standard output is data.</summary>
    public void Errors(string machine, string script, string errors, int exitCode) => On(machine, script, _ => new(exitCode, "", errors));

    /// <summary>Configures an initialized control plane.</summary>
    public KlCluster Initialized(Machine control, params Machine[] others)
    {
        Installed(control,
            "node.cluster=k", "node.role=control-plane", "node.state=done", "node.podNetwork=HostRoutes", "node.podSubnet=10.244.0.0/16", "kubelet=1");
        Nodes.Add(Node(control.Name, 1));
        On(control.Name, "network");
        return new()
        {
            Name = "k", Context = "kubelab-k", Server = new("https://" + control.ApiEndpoint), ControlPlane = control, Machines = [control, .. others],
        };
    }

    public void Failed(Machine machine, Exception error) => Failures[machine.Name] = error;

    public INodeApi Open(string cluster) => this;

    public Task<bool> MergeAsync(string cluster, string adminConf, Uri server, CancellationToken stop)
    {
        Assert.Equal("admin", adminConf);
        var isNew = Contexts.GetValueOrDefault(cluster) != server;
        Contexts[cluster] = server;
        return Task.FromResult(isNew);
    }

    public Task RemoveAsync(string cluster, CancellationToken stop) => Task.FromResult(Contexts.Remove(cluster));

    public Task<IReadOnlyDictionary<string, Uri>> ListAsync(CancellationToken stop) =>
        Task.FromResult<IReadOnlyDictionary<string, Uri>>(Contexts.ToDictionary());

    public Task EnsureReadyAsync(CancellationToken stop)
    {
        lock (_ran)
            return (Probing ?? throw new InvalidOperationException("The readiness probe was not expected."))() is { } error
                ? Task.FromException(error) : Task.CompletedTask;
    }

    public Task<IReadOnlyList<NodeState>> NodesAsync(CancellationToken stop)
    {
        lock (_ran)
        {
            Listing?.Invoke();
            return Task.FromResult<IReadOnlyList<NodeState>>([.. Nodes]);
        }
    }

    public Task<IReadOnlyList<MissingObject>> MissingAsync(string version, CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<MissingObject>>([.. Missing]);

    public Task<IReadOnlyList<FailedPull>> FailedPullsAsync(string node, CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<FailedPull>>(Pulls(node));

    public Task<bool> ApplyAsync(JsonObject desired, CancellationToken stop)
    {
        Applied.Add(desired);
        if ((string?)desired["spec"]!["podCIDR"] is { } range)
            Nodes[0] = Nodes[0] with { PodCidr = range };
        return Task.FromResult(true);
    }

    public Task DeleteNodeAsync(string name, CancellationToken stop)
    {
        lock (_ran)
            Nodes.RemoveAll(node => node.Name == name);
        return Task.CompletedTask;
    }

    public Task DeleteOtherNodesAsync(string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        lock (_ran)
            Nodes.RemoveAll(node => node.Name != name);
        return Task.CompletedTask;
    }

    public Task DrainAsync(string node, TimeSpan timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        Drained.Add(node);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
    }

    private CommandResult Run(string machine, HostCommand command)
    {
        var input = Encoding.UTF8.GetString((command.Input ?? default).Span);
        var script = command is { Program: "bash", Arguments: ["-c", ..] } ? "bash " + string.Join(' ', command.Arguments.Skip(2))
            : command.Program == "bash"
            ? new[] { "facts", "install", "init", "token", "join", "network", "services", "addons", "reset", "balancer", "endpoint", "etcd", "watches",
                "backup", "health", "connectivity", "certificates", "renew", "containers", "nodelog" }
                .Single(name => input.EndsWith(NodeScript.Read(name + ".sh"), StringComparison.Ordinal))
            : command.ToString();
        if (script == "cat /etc/kubernetes/admin.conf")
            return new(0, "admin", "");
        if (command.InputStream is not null)
        {
            using var received = new MemoryStream();
            command.InputStream.CopyTo(received);
            Received[$"{machine} {script}"] = received.ToArray();
        }
        if (Sent.TryGetValue($"{machine} {script}", out var sent))
            command.OutputBytes!(sent);
        lock (_ran)
        {
            _ran.Add($"{machine} {script}");
            return _results.TryGetValue((machine, script), out var result) ? result(input)
                : throw new InvalidOperationException($"'{script}' on {machine} was not expected.");
        }
    }
}
