using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Base class of cmdlets that change an existing deployment.</summary>
public abstract class DeploymentCmdlet : NamedCmdlet
{
    /// <summary>The maximum time to wait for the rollout, such as 90s or 5m. Default: 10 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Returns without waiting.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>The maximum time to wait, or null with -NoWait.</summary>
    private protected TimeSpan? WaitTimeout => NoWait ? null : Timeout;
}
