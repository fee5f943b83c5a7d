using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>What all cmdlets take that change a deployment that is there.</summary>
public abstract class DeploymentCmdlet : NamedCmdlet
{
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
