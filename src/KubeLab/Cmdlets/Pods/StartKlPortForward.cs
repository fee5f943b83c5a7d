using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Forwards a port of this computer to a port of a pod.</summary>
/// <remarks>Forwards in the background, from 127.0.0.1 only, until Stop-KlPortForward is run or the session ends.</remarks>
/// <example>Forward http://127.0.0.1:8080 to port 80 of a pod
/// <code>Start-KlPortForward web-0 80 -LocalPort 8080</code></example>
/// <example>Forward to a pod of a service, at the target port of the service's port 80
/// <code>Get-KlService web | Start-KlPortForward -Port 80 -LocalPort 8080</code></example>
/// <example>Forward any free port
/// <code>
/// $forward = Get-KlPod web* | Select-Object -First 1 | Start-KlPortForward -Port 80 -LocalPort 0
/// $forward.LocalPort
/// $forward | Stop-KlPortForward</code></example>
[Cmdlet(VerbsLifecycle.Start, "KlPortForward", SupportsShouldProcess = true)]
[OutputType(typeof(KlPortForward))]
public sealed class StartKlPortForward : PodCmdlet
{
    /// <summary>The name of the pod. KIND/NAME, such as service/web, selects one pod of another object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>The port of the pod, or of the service if a service is named.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>The port of this computer. 0 selects a free port. Default: the value of -Port.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int? LocalPort { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, port, localPort) = (Cluster, Namespace, Qualified(Name), Port, LocalPort ?? Port);
        if (ShouldProcess(name, $"Forward port {port}"))
            Start(name, (_, stop) => Engine.PortForwards.StartAsync(cluster, ns, name, port, localPort, stop));
    }
}
