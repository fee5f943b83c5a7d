using System.Management.Automation;
using KubeLab.Engine.Deployments;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Makes a deployment reachable.</para>
/// <para type="description">Makes a service of the deployment's name and waits until a pod is ready behind it and its addresses answer, where this computer
/// reaches them. Type and ports are by default what the image declares, otherwise NodePort. The service that comes out carries its addresses, and as URLs those that speak HTTP.</para>
/// </summary>
/// <example>
/// <para>A deployment, through a port of every node</para>
/// <code>Get-KlDeployment web | Expose-KlService</code>
/// </example>
/// <example>
/// <para>Port 80 of the service to port 8080 of the pods</para>
/// <code>Expose-KlService web -Port 80 -TargetPort 8080 -Type NodePort -NodePort 30080</code>
/// </example>
[Cmdlet(VerbsCommon.New, "KlService", SupportsShouldProcess = true, DefaultParameterSetName = Piped)]
[Alias("Expose-KlService")]
[OutputType(typeof(KlService))]
public sealed class NewKlService : KlCmdlet
{
    private const string Piped = "Deployment";
    private const string Named = "Named";

    /// <summary><para type="description">The deployment.</para></summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Piped)]
    public KlDeployment InputObject { get; set; } = null!;

    /// <summary><para type="description">The deployment's name; the service is called the same.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = Named)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary><para type="description">The namespace. Default: the context's.</para></summary>
    [Parameter(ParameterSetName = Named)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the current context.</para></summary>
    [Parameter(ParameterSetName = Named)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">How it is reached. Default: what the image declares, otherwise NodePort.</para></summary>
    [Parameter]
    [ValidateSet("NodePort", "ClusterIP", "LoadBalancer")]
    public string? Type { get; set; }

    /// <summary><para type="description">The service's port. Default: one for each port of the containers.</para></summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary><para type="description">The pods' port behind it. Default: the same.</para></summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? TargetPort { get; set; }

    /// <summary><para type="description">The nodes' port. Default: the cluster chooses, and keeps it.</para></summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? NodePort { get; set; }

    /// <summary><para type="description">The application protocol of its ports, such as http, https or mysql. Default: http where the readiness probe speaks it.</para></summary>
    [Parameter]
    public string? AppProtocol { get; set; }

    /// <summary><para type="description">How long to wait for a ready pod behind it, in seconds or as a TimeSpan. Default: 10 minutes.</para></summary>
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
