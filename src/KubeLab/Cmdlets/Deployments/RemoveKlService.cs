using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Removes a service.</para>
/// <para type="description">Waits until it is gone. The deployment behind it stays. One that is not there is no error.</para>
/// </summary>
/// <example>
/// <para>By name</para>
/// <code>Remove-KlService web</code>
/// </example>
/// <example>
/// <para>Several, asking before each</para>
/// <code>Get-KlService web* | Remove-KlService -Confirm</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "KlService", SupportsShouldProcess = true)]
public sealed class RemoveKlService : NamedCmdlet
{
    private protected override string Kind => "Service";

    /// <summary><para type="description">How long to wait until it is gone, in seconds or as a TimeSpan. Default: 5 minutes.</para></summary>
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
