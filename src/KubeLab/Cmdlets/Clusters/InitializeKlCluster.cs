using System.Management.Automation;
using KubeLab.Engine.Bootstrap;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>
/// <para type="synopsis">Makes the first machine the control plane of a Kubernetes cluster.</para>
/// <para type="description">Runs kubeadm init on it, sets up the pod network and adds the context kubelab-NAME to your kubeconfig. The other machines
/// come out with the cluster, for Join-KlNode. A cluster that is there is left alone.</para>
/// </summary>
/// <example>
/// <para>A cluster of a lab's machines</para>
/// <code>Get-KlVm kubernetes | Initialize-KlCluster | Join-KlNode</code>
/// </example>
/// <example>
/// <para>With another pod network</para>
/// <code>Get-KlVm kubernetes | Initialize-KlCluster -PodNetwork Flannel -PodSubnet 10.50.0.0/16</code>
/// </example>
[Cmdlet(VerbsData.Initialize, "KlCluster", SupportsShouldProcess = true)]
[OutputType(typeof(KlCluster))]
public sealed class InitializeKlCluster : KlCmdlet
{
    private readonly List<Machine> _machines = [];

    /// <summary><para type="description">The machines; the first by name becomes the control plane.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public Machine[] Vm { get; set; } = [];

    /// <summary><para type="description">The cluster's name. Default: the lab of its machines; machines of several labs make a cluster each.</para></summary>
    [Parameter]
    [ValidatePattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    public string? Name { get; set; }

    /// <summary><para type="description">HostRoutes, Calico, Flannel, or URL or path of a manifest. Default: what the mirror declares, and otherwise Calico.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(PodNetworkCompleter))]
    public string? PodNetwork { get; set; }

    /// <summary><para type="description">The pods' addresses, such as 10.244.0.0/16. Default: the first such network that the machines do not use.</para></summary>
    [Parameter]
    public string? PodSubnet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _machines.AddRange(Vm);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var options = new InitializeOptions(Name) { PodNetwork = Manifest(PodNetwork), PodSubnet = PodSubnet };
        foreach (var machines in _machines.GroupBy(machine => Name ?? machine.Lab))
            if (ShouldProcess(machines.Key, $"Initialize a cluster of {machines.Count()} machines"))
                Start(machines.Key, (events, stop) => Engine.Kubeadm.InitializeAsync([.. machines], options, events, Fail, stop));
        base.EndProcessing();
    }

    // A path is meant as PowerShell sees it, which has a location of its own.
    private string? Manifest(string? text) =>
        text is not null && GetUnresolvedProviderPathFromPSPath(text) is var path && File.Exists(path) ? path : text;
}
