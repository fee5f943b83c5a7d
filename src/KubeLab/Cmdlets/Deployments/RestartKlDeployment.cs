using System.Management.Automation;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Replaces all pods of a deployment by new ones.</para>
/// <para type="description">Does what kubectl rollout restart does, as the deployment's strategy says, and waits until the new pods are available.</para>
/// </summary>
/// <example>
/// <para>By name</para>
/// <code>Restart-KlDeployment web</code>
/// </example>
/// <example>
/// <para>Several at once</para>
/// <code>Get-KlDeployment web* | Restart-KlDeployment</code>
/// </example>
[Cmdlet(VerbsLifecycle.Restart, "KlDeployment", SupportsShouldProcess = true)]
[OutputType(typeof(KlDeployment))]
public sealed class RestartKlDeployment : DeploymentCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, patience) = (Cluster, Namespace, Name, Patience);
        if (ShouldProcess(name, "Restart the deployment"))
            Start(name, (events, stop) => Engine.Deployments.RestartAsync(cluster, ns, name, patience, events, stop));
    }
}
