using System.Management.Automation;
using KubeLab.Engine.Bootstrap;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Creates a Kubernetes cluster with the first machine, or the first machines, as its control plane.</summary>
/// <remarks>Runs kubeadm init, installs the pod network and adds the context kubelab-NAME to your kubeconfig. Pass the resulting cluster to Join-KlNode
/// to join the other machines. Several control planes are members of etcd, and a load balancer distributes requests among them: KubeLab creates the
/// machine NAME-lb with HAProxy for machines in Docker, and uses -Endpoint for others. In an existing cluster, missing control planes are added,
/// and those whose machine was created again are replaced.</remarks>
/// <example>Create a cluster from the machines of a lab
/// <code>Get-KlVm kubernetes | Initialize-KlCluster | Join-KlNode</code></example>
/// <example>Create a cluster that tolerates the loss of one of its three control planes
/// <code>New-KlVm kubernetes -Count 5 | Install-KlKubeadm | Initialize-KlCluster -ControlPlane 3 | Join-KlNode</code></example>
/// <example>Use another pod network
/// <code>Get-KlVm kubernetes | Initialize-KlCluster -PodNetwork Flannel -PodSubnet 10.50.0.0/16</code></example>
[Cmdlet(VerbsData.Initialize, "KlCluster", SupportsShouldProcess = true)]
[OutputType(typeof(KlCluster))]
public sealed class InitializeKlCluster : KlCmdlet
{
    private readonly List<Machine> _machines = [];

    /// <summary>The machines. The first ones by name become control planes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public Machine[] Vm { get; set; } = [];

    /// <summary>The name of the cluster. Default: the name of the lab. Machines of several labs form one cluster for each lab.</summary>
    [Parameter]
    [ValidatePattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    public string? Name { get; set; }

    /// <summary>The number of control planes. With three, the cluster tolerates the loss of one, with five of two. Default: those that exist,
    /// otherwise 1.</summary>
    [Parameter]
    [ValidateRange(1, 7)]
    public int? ControlPlane { get; set; }

    /// <summary>The host name or address of a load balancer of yours, which forwards TCP connections to port 6443 of the control planes, such as
    /// api.example.org:6443. It cannot be changed later. Default: a load balancer of KubeLab if the cluster has several control planes.</summary>
    [Parameter]
    public string? Endpoint { get; set; }

    /// <summary>The pod network: HostRoutes, Calico, Flannel, or the URL or path of a manifest. Default: the one that the mirror declares, otherwise
    /// Calico.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PodNetworkCompleter))]
    public string? PodNetwork { get; set; }

    /// <summary>The subnet of the pods, such as 10.244.0.0/16. Default: the first such subnet that the machines do not use.</summary>
    [Parameter]
    public string? PodSubnet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _machines.AddRange(Vm);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var options = new InitializeOptions(Name)
        {
            ControlPlanes = ControlPlane, Endpoint = Endpoint, PodNetwork = Manifest(PodNetwork), PodSubnet = PodSubnet,
        };
        foreach (var machines in _machines.GroupBy(machine => Name ?? machine.Lab))
            if (ShouldProcess(machines.Key, $"Initialize a cluster with {machines.Count()} machines"))
                Start(machines.Key, (events, stop) => Engine.Kubeadm.InitializeAsync([.. machines], options, events, Fail, stop));
        base.EndProcessing();
    }

    // PowerShell has its own current location, which can differ from the process's current folder.
    private string? Manifest(string? text) =>
        text is not null && GetUnresolvedProviderPathFromPSPath(text) is var path && File.Exists(path) ? path : text;
}
