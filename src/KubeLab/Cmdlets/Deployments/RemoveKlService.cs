using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Removes a service.</summary>
/// <remarks>Waits until the service is deleted. Its deployment is kept. If the service does not exist, nothing happens.</remarks>
/// <example>Remove a service
/// <code>Remove-KlService web</code></example>
/// <example>Remove several services and confirm each
/// <code>Get-KlService web* | Remove-KlService -Confirm</code></example>
[Cmdlet(VerbsCommon.Remove, "KlService", SupportsShouldProcess = true)]
public sealed class RemoveKlService : NamedCmdlet
{
    private protected override string Kind => "Service";

    /// <summary>The maximum time to wait for the deletion, such as 90s or 5m. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, timeout) = (Cluster, Namespace, Name, Timeout);
        if (ShouldProcess(name, "Remove the service"))
            Start(name, (events, stop) => Engine.Services.RemoveAsync(cluster, ns, name, timeout, events, stop));
    }
}
