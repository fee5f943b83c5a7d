using System.Management.Automation;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Pods;

/// <summary>
/// <para type="synopsis">Ends the forwarding of a port to a pod.</para>
/// <para type="description">Its connections end with it. One that is not there is no error.</para>
/// </summary>
/// <example>
/// <para>One</para>
/// <code>Stop-KlPortForward 8080</code>
/// </example>
/// <example>
/// <para>All</para>
/// <code>Get-KlPortForward | Stop-KlPortForward</code>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "KlPortForward", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopKlPortForward : KlCmdlet
{
    /// <summary><para type="description">The port of this computer.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public int LocalPort { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var port = LocalPort;
        if (ShouldProcess($"127.0.0.1:{port}", "Stop forwarding"))
            Start($"127.0.0.1:{port}", (_, _) => Engine.PortForwards.StopAsync(port));
    }
}
