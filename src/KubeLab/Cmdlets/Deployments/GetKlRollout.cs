using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Gets the revisions of a deployment and the status of the current rollout.</summary>
/// <remarks>Shows the same information as kubectl rollout history and kubectl rollout status. The Object property contains the ReplicaSet of the
/// revision.</remarks>
/// <example>Get the revisions of a deployment
/// <code>Get-KlRollout web</code></example>
/// <example>Wait until the rollout is complete
/// <code>Get-KlDeployment web | Get-KlRollout -Wait -Timeout 120</code></example>
[Cmdlet(VerbsCommon.Get, "KlRollout")]
[OutputType(typeof(KlRollout))]
public sealed class GetKlRollout : NamedCmdlet
{
    /// <summary>Waits until the current rollout is complete. A rollout that cannot complete is an error that states the reason.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>The maximum time to wait, such as 90s or 5m. Default: 10 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name) = (Cluster, Namespace, Name);
        TimeSpan? wait = Wait ? Timeout : null;
        Start(name, (events, stop) => Engine.Rollouts.ListAsync(cluster, ns, name, wait, events, stop));
    }
}
