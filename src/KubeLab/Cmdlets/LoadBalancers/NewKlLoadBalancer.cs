using System.Management.Automation;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.LoadBalancers;

/// <summary>Creates a load balancer that distributes the connections to a service among all nodes.</summary>
/// <remarks>The machine NAME-lb with HAProxy is created in the lab if it does not exist. It checks every second whether a node serves the port, and sends
/// connections only to nodes that do. Join-KlNode and Remove-KlNode update the nodes. The service must have the type NodePort or LoadBalancer. Available
/// for machines in Docker.</remarks>
/// <example>One address for a service
/// <code>Get-KlService web | New-KlLoadBalancer</code></example>
/// <example>Use another port than the service
/// <code>New-KlLoadBalancer web -Port 8080</code></example>
[Cmdlet(VerbsCommon.New, "KlLoadBalancer", SupportsShouldProcess = true)]
[OutputType(typeof(KlLoadBalancer))]
public sealed class NewKlLoadBalancer : KlCmdlet
{
    /// <summary>The name of the service.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>The namespace. Default: the context's namespace.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the current context.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>The port of the load balancer. Default: the port of the service.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (name, ns, cluster, port) = (Name, Namespace, Cluster, Port);
        if (ShouldProcess(name, "Create a load balancer"))
            Start(name, async (events, stop) => Write(await Engine.ServiceBalancers.CreateAsync(cluster, ns, name, port, events, stop)));
    }
}
