using System.Management.Automation;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Restarts the pods of a deployment.</summary>
/// <remarks>Does the same as kubectl rollout restart: replaces the pods according to the deployment's strategy. Waits until the new pods are
/// available.</remarks>
/// <example>Restart a deployment
/// <code>Restart-KlDeployment web</code></example>
/// <example>Restart several deployments
/// <code>Get-KlDeployment web* | Restart-KlDeployment</code></example>
[Cmdlet(VerbsLifecycle.Restart, "KlDeployment", SupportsShouldProcess = true)]
[OutputType(typeof(KlDeployment))]
public sealed class RestartKlDeployment : DeploymentCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, patience) = (Cluster, Namespace, Name, WaitTimeout);
        if (ShouldProcess(name, "Restart the deployment"))
            Start(name, (events, stop) => Engine.Deployments.RestartAsync(cluster, ns, name, patience, events, stop));
    }
}
