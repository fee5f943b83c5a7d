using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>
/// <para type="synopsis">Makes a port of this computer lead to a port of a pod.</para>
/// <para type="description">It works in the background, at 127.0.0.1 alone, until Stop-KlPortForward or the end of this session.</para>
/// </summary>
/// <example>
/// <para>http://127.0.0.1:8080 is the pod's port 80</para>
/// <code>Start-KlPortForward web-0 80 -LocalPort 8080</code>
/// </example>
/// <example>
/// <para>A pod of a service, and the port that is behind the service's</para>
/// <code>Get-KlService web | Start-KlPortForward -Port 80 -LocalPort 8080</code>
/// </example>
/// <example>
/// <para>Any free port</para>
/// <code>$forward = Get-KlPod web* | Select-Object -First 1 | Start-KlPortForward -Port 80 -LocalPort 0; $forward.LocalPort; $forward | Stop-KlPortForward</code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "KlPortForward", SupportsShouldProcess = true)]
[OutputType(typeof(KlPortForward))]
public sealed class StartKlPortForward : PodCmdlet
{
    /// <summary><para type="description">The pod; or KIND/NAME: one of that object's, as in service/web.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary><para type="description">The pod's port; a service's own, where a service is named.</para></summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary><para type="description">The port of this computer; 0 takes any that is free. Default: the same.</para></summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int? LocalPort { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, port, localPort) = (Cluster, Namespace, Full(Name), Port, LocalPort ?? Port);
        if (ShouldProcess(name, $"Forward port {port}"))
            Start(name, (_, stop) => Engine.PortForwards.StartAsync(cluster, ns, name, port, localPort, stop));
    }
}
