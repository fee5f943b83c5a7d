using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Removes a deployment.</summary>
/// <remarks>Waits until its pods are deleted. Its volumes and Secrets are kept: if the deployment is created again, it uses the same data. If the
/// deployment does not exist, nothing happens.</remarks>
/// <example>Remove a deployment
/// <code>Remove-KlDeployment web</code></example>
/// <example>Remove several deployments and confirm each
/// <code>Get-KlDeployment web* | Remove-KlDeployment -Confirm</code></example>
[Cmdlet(VerbsCommon.Remove, "KlDeployment", SupportsShouldProcess = true)]
public sealed class RemoveKlDeployment : NamedCmdlet
{
    /// <summary>The maximum time to wait for the deletion, such as 90s or 5m. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, timeout) = (Cluster, Namespace, Name, Timeout);
        if (ShouldProcess(name, "Remove the deployment"))
            Start(name, (events, stop) => Engine.Deployments.RemoveAsync(cluster, ns, name, timeout, events, stop));
    }
}
