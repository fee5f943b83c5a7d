using System.Management.Automation;
using KubeLab.Engine.Deployments;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Creates a service that exposes a deployment.</summary>
/// <remarks>The service has the deployment's name. The cmdlet waits until a pod is ready and, if this computer can reach the service, until its addresses
/// respond. The resulting service contains its addresses, and URLs for the ports that use HTTP.</remarks>
/// <example>Expose a deployment on a port of every node
/// <code>Get-KlDeployment web | Expose-KlService</code></example>
/// <example>Map port 80 of the service to port 8080 of the pods
/// <code>Expose-KlService web -Port 80 -TargetPort 8080 -Type NodePort -NodePort 30080</code></example>
[Cmdlet(VerbsCommon.New, "KlService", SupportsShouldProcess = true, DefaultParameterSetName = Piped)]
[Alias("Expose-KlService")]
[OutputType(typeof(KlService))]
public sealed class NewKlService : KlCmdlet
{
    private const string Piped = "Deployment";
    private const string Named = "Named";

    /// <summary>The deployment.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Piped)]
    public KlDeployment InputObject { get; set; } = null!;

    /// <summary>The name of the deployment and of the service.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = Named)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>The namespace. Default: the context's namespace.</summary>
    [Parameter(ParameterSetName = Named)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the current context.</summary>
    [Parameter(ParameterSetName = Named)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>The service type. Default: the type that the image declares, otherwise NodePort.</summary>
    [Parameter]
    [ValidateSet("NodePort", "ClusterIP", "LoadBalancer")]
    public string? Type { get; set; }

    /// <summary>The port of the service. Default: one port for each container port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The port of the pods. Default: the port of the service.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? TargetPort { get; set; }

    /// <summary>The port of the nodes. Default: allocated by the cluster and then kept.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? NodePort { get; set; }

    /// <summary>The application protocol of the ports, such as http, https or mysql. Default: http if the readiness probe uses HTTP.</summary>
    [Parameter]
    public string? AppProtocol { get; set; }

    /// <summary>The maximum time to wait for a ready pod, such as 90s or 5m. Default: 10 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var spec = ParameterSetName == Named
            ? new ServiceSpec(Name) { Cluster = Cluster, Namespace = Namespace }
            : new ServiceSpec(InputObject.Name) { Cluster = InputObject.Cluster, Namespace = InputObject.Namespace };
        spec = spec with { Type = Type, Port = Port, TargetPort = TargetPort, NodePort = NodePort, AppProtocol = AppProtocol };
        var timeout = Timeout;
        if (ShouldProcess(spec.Deployment, "Expose"))
            Start(spec.Deployment, (events, stop) => Engine.Services.ExposeAsync(spec, timeout, events, stop));
    }
}
