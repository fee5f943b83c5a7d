using System.Management.Automation;
using KubeLab.Engine.Bootstrap;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Creates a Kubernetes cluster with the first machine as its control plane.</summary>
/// <remarks>Runs kubeadm init, installs the pod network and adds the context kubelab-NAME to your kubeconfig. Pass the resulting cluster to Join-KlNode
/// to join the other machines. An existing cluster is not changed.</remarks>
/// <example>Create a cluster from the machines of a lab
/// <code>Get-KlVm kubernetes | Initialize-KlCluster | Join-KlNode</code></example>
/// <example>Use another pod network
/// <code>Get-KlVm kubernetes | Initialize-KlCluster -PodNetwork Flannel -PodSubnet 10.50.0.0/16</code></example>
[Cmdlet(VerbsData.Initialize, "KlCluster", SupportsShouldProcess = true)]
[OutputType(typeof(KlCluster))]
public sealed class InitializeKlCluster : KlCmdlet
{
    private readonly List<Machine> _machines = [];

    /// <summary>The machines. The first by name becomes the control plane.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public Machine[] Vm { get; set; } = [];

    /// <summary>The name of the cluster. Default: the name of the lab. Machines of several labs form one cluster for each lab.</summary>
    [Parameter]
    [ValidatePattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    public string? Name { get; set; }

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
        var options = new InitializeOptions(Name) { PodNetwork = Manifest(PodNetwork), PodSubnet = PodSubnet };
        foreach (var machines in _machines.GroupBy(machine => Name ?? machine.Lab))
            if (ShouldProcess(machines.Key, $"Initialize a cluster with {machines.Count()} machines"))
                Start(machines.Key, (events, stop) => Engine.Kubeadm.InitializeAsync([.. machines], options, events, Fail, stop));
        base.EndProcessing();
    }

    // PowerShell has its own current location, which can differ from the process's current folder.
    private string? Manifest(string? text) =>
        text is not null && GetUnresolvedProviderPathFromPSPath(text) is var path && File.Exists(path) ? path : text;
}
