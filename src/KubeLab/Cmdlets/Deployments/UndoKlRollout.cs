using System.Management.Automation;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Rolls a deployment back to an earlier revision.</summary>
/// <remarks>The rollback waits until the pods of the revision are available. The number of replicas is not changed.</remarks>
/// <example>Roll back to the previous revision
/// <code>Undo-KlRollout web</code></example>
/// <example>Roll back to a revision from Get-KlRollout
/// <code>Undo-KlRollout web -Revision 3</code></example>
[Cmdlet(VerbsCommon.Undo, "KlRollout", SupportsShouldProcess = true)]
[OutputType(typeof(KlDeployment))]
public sealed class UndoKlRollout : DeploymentCmdlet
{
    /// <summary>The revision to roll back to. Default: the previous revision.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, long.MaxValue)]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public long? Revision { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, revision, patience) = (Cluster, Namespace, Name, Revision, WaitTimeout);
        if (ShouldProcess(name, revision is null ? "Roll back to the previous revision" : $"Roll back to revision {revision}"))
            Start(name, (events, stop) => Engine.Rollouts.UndoAsync(cluster, ns, name, revision, patience, events, stop));
    }
}
