using KubeLab.Engine;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Bootstrap;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Nodes;

/// <summary>The cluster "lab" with machines of a provider, node scripts and an API server, for cmdlets that remove nodes.</summary>
internal sealed class RemovalLab : IAsyncDisposable
{
    public const string ControlPlane = ""","labels":{"node-role.kubernetes.io/control-plane":""}""";
    private readonly Folder _folder = new();

    private RemovalLab(FakeApi api) => Api = api;

    public FakeApi Api { get; }

    public FakeCluster Scripts { get; } = new();

    public FakeProvider Provider { get; } = new();

    public string Config => Path.Combine(_folder.Path, "config");

    /// <summary>Starts the API server. Machines k-1, k-2, ... are in the lab.</summary>
    public static async Task<RemovalLab> StartAsync(int machines)
    {
        var lab = new RemovalLab(await FakeApi.StartAsync());
        await File.WriteAllTextAsync(lab.Config, Kubectl.Config(lab.Api.Url));
        for (var number = 1; number <= machines; number++)
        {
            lab.Provider.Machines.Add(FakeCluster.Machine($"k-{number}", number, "lab"));
            lab.Joined($"k-{number}");
        }
        return lab;
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        Scripts.Dispose();
        await Api.DisposeAsync();
    }

    public ShellResult Run(string script, KlCluster? cluster = null) => Shell.Run(
        $"$was = $env:KUBECONFIG; $env:KUBECONFIG = '{Config}'; try {{ {script} }} finally {{ $env:KUBECONFIG = $was }}",
        new LabEngine(Scripts.Hosts, [Provider], new QuickClock()), new Dictionary<string, object?> { ["cluster"] = cluster });

    public bool HasContext => File.ReadAllText(Config).Contains("kubelab-lab", StringComparison.Ordinal);

    public KlCluster Cluster => new()
    {
        Name = "lab", Context = "kubelab-lab", Server = new(Api.Url), ControlPlane = Provider.Machines[0], Machines = [.. Provider.Machines],
    };

    /// <summary>The machine is a node of lab.</summary>
    public void Joined(string machine, params string[] facts) =>
        Scripts.On(machine, "facts", ["kubeadm=v1.20.2", "node.cluster=lab", "node.state=done", "kubelet=1", .. facts]);

    /// <summary>The machine is not a node.</summary>
    public void Clean(string machine) => Scripts.On(machine, "facts", "kubeadm=v1.20.2", "kubelet=0");

    /// <summary>Accepts the reset of a machine and returns its parameters.</summary>
    public List<string> ExpectReset(string machine, Action? meanwhile = null)
    {
        var inputs = new List<string>();
        Scripts.On(machine, "reset", input =>
        {
            meanwhile?.Invoke();
            inputs.Add(input);
            return new CommandResult(0, "", "");
        });
        return inputs;
    }

    public RemovalLab Nodes(params string[] nodes)
    {
        Api.On("GET /api/v1/nodes", FakeApi.Json(List(nodes)));
        return this;
    }

    /// <summary>A node whose evictable pods are deleted.</summary>
    public RemovalLab Drained(string name)
    {
        Api.On($"GET /api/v1/nodes/{name}", FakeApi.Json(Node(name, 9)), FakeApi.Json(Node(name, 9)))
            .On("GET /api/v1/pods", FakeApi.Json(List()), FakeApi.Json(List()))
            .On($"PATCH /api/v1/nodes/{name}", FakeApi.Json(Node(name, 9))).On("GET /api/v1", FakeApi.Json("""{"resources":[]}"""));
        return this;
    }

    public RemovalLab Deleted(string name)
    {
        Api.On($"DELETE /api/v1/nodes/{name}", FakeApi.Json("{}"));
        return this;
    }

    public RemovalLab Configured()
    {
        Api.On("GET /api/v1/namespaces/kube-system/configmaps/kubeadm-config", FakeApi.Json("""{"metadata":{"name":"kubeadm-config"},"data":"""
            + """{"ClusterConfiguration":"networking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/12\n"}}"""));
        return this;
    }

    public RemovalLab Volumes(params string[] volumes)
    {
        Api.On("GET /api/v1/persistentvolumes", FakeApi.Json(List(volumes)));
        return this;
    }

    public static string List(params string[] items) => $$"""{"metadata":{},"items":[{{string.Join(',', items)}}]}""";

    public static string Node(string name, int number, string more = "", bool isReady = true) =>
        $$$"""{"metadata":{"name":"{{{name}}}"{{{more}}}},"spec":{},"status":{"addresses":[{"type":"InternalIP","address":"10.77.1.{{{number}}}"}],"""
            + $$$"""
            "conditions":[{"type":"Ready","status":"{{{(isReady ? "True" : "Unknown")}}}"}]}}
            """;
}
