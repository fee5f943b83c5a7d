using System.Management.Automation;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Stops forwarding a port to a pod.</summary>
/// <remarks>Closes the connections of the port forward. If the port is not forwarded, nothing happens.</remarks>
/// <example>Stop one port forward
/// <code>Stop-KlPortForward 8080</code></example>
/// <example>Stop all port forwards
/// <code>Get-KlPortForward | Stop-KlPortForward</code></example>
[Cmdlet(VerbsLifecycle.Stop, "KlPortForward", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopKlPortForward : KlCmdlet
{
    /// <summary>The port of this computer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public int LocalPort { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var port = LocalPort;
        if (ShouldProcess($"127.0.0.1:{port}", "Stop the port forward"))
            Start($"127.0.0.1:{port}", (_, _) => Engine.PortForwards.StopAsync(port));
    }
}
