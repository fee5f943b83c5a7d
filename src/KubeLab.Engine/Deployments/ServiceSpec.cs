namespace KubeLab.Engine.Deployments;

/// <summary>The desired service. Null properties default to the image's declarations.</summary>
/// <param name="Deployment">The name of the deployment and of the service.</param>
public sealed record ServiceSpec(string Deployment)
{
    /// <summary>The cluster, or null for the current context.</summary>
    public string? Cluster { get; init; }

    /// <summary>The namespace, or null for the context's namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>ClusterIP, NodePort or LoadBalancer. Default: NodePort if the image does not declare a type.</summary>
    public string? Type { get; init; }

    /// <summary>The port of the service, or null for one port for each container port.</summary>
    public int? Port { get; init; }

    /// <summary>The port of the pods, or null for the same as <see cref="Port"/>.</summary>
    public int? TargetPort { get; init; }

    /// <summary>The application protocol of the ports, such as http or mysql (ServicePort.appProtocol). If null, http is used if the readiness probe
    /// uses HTTP.</summary>
    public string? AppProtocol { get; init; }

    /// <summary>The port of the nodes, or null to let the cluster allocate one.</summary>
    public int? NodePort { get; init; }
}
