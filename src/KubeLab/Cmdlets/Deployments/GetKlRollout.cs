using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Gets the revisions of a deployment and how far the present one has got.</para>
/// <para type="description">Shows what kubectl rollout history and rollout status show. The property Object holds the revision's ReplicaSet, its pod template in it.</para>
/// </summary>
/// <example>
/// <para>By name</para>
/// <code>Get-KlRollout web</code>
/// </example>
/// <example>
/// <para>Wait until the present revision is complete</para>
/// <code>Get-KlDeployment web | Get-KlRollout -Wait -Timeout 120</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlRollout")]
[OutputType(typeof(KlRollout))]
public sealed class GetKlRollout : NamedCmdlet
{
    /// <summary><para type="description">Waits until the present revision is complete; it is an error, with the reason, where it will not be.</para></summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary><para type="description">How long to wait, in seconds or as a TimeSpan. Default: 10 minutes.</para></summary>
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
