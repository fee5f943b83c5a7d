using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Removes a deployment.</para>
/// <para type="description">Waits until its pods are gone. Its volumes and secrets stay: made again, it finds its data. One that is not there is no error.</para>
/// </summary>
/// <example>
/// <para>By name</para>
/// <code>Remove-KlDeployment web</code>
/// </example>
/// <example>
/// <para>Several, asking before each</para>
/// <code>Get-KlDeployment web* | Remove-KlDeployment -Confirm</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "KlDeployment", SupportsShouldProcess = true)]
public sealed class RemoveKlDeployment : NamedCmdlet
{
    /// <summary><para type="description">How long to wait until it is gone, in seconds or as a TimeSpan. Default: 5 minutes.</para></summary>
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
