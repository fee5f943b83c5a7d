using System.Management.Automation;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Takes a deployment back to an earlier revision.</para>
/// <para type="description">Does what kubectl rollout undo does, and waits until that revision's pods are available. The number of replicas stays.</para>
/// </summary>
/// <example>
/// <para>To the revision before</para>
/// <code>Undo-KlRollout web</code>
/// </example>
/// <example>
/// <para>To one of Get-KlRollout's</para>
/// <code>Undo-KlRollout web -Revision 3</code>
/// </example>
[Cmdlet(VerbsCommon.Undo, "KlRollout", SupportsShouldProcess = true)]
[OutputType(typeof(KlDeployment))]
public sealed class UndoKlRollout : DeploymentCmdlet
{
    /// <summary><para type="description">The revision to go back to. Default: the one before the present.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, long.MaxValue)]
    public long? Revision { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, revision, patience) = (Cluster, Namespace, Name, Revision, Patience);
        if (ShouldProcess(name, revision is null ? "Go back to the revision before" : $"Go back to revision {revision}"))
            Start(name, (events, stop) => Engine.Rollouts.UndoAsync(cluster, ns, name, revision, patience, events, stop));
    }
}
