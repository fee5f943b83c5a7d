using System.Management.Automation;
using KubeLab.Cmdlets.Cluster;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Workloads;

/// <summary>What all cmdlets take that change a deployment that is there.</summary>
public abstract class DeploymentCmdlet : KlCmdlet
{
    /// <summary><para type="description">The deployment's name.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNames))]
    public string Name { get; set; } = "";

    /// <summary><para type="description">The namespace. Default: the context's.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNames))]
    public string? Namespace { get; set; }

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the current context.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextNames))]
    public string? Cluster { get; set; }

    /// <summary><para type="description">How long to wait until it is as wanted, in seconds or as a TimeSpan. Default: 10 minutes.</para></summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary><para type="description">Does not wait.</para></summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>How long to wait, or null: not at all.</summary>
    private protected TimeSpan? Patience => NoWait ? null : Timeout;
}
