namespace KubeLab.Engine.Deployments;

/// <summary>How a deployment should be reached. What is null here is as its image declared it.</summary>
/// <param name="Deployment">The deployment's name; the service is called the same.</param>
public sealed record ServiceSpec(string Deployment)
{
    /// <summary>The cluster, or null: the current context.</summary>
    public string? Cluster { get; init; }

    /// <summary>The namespace, or null: the context's.</summary>
    public string? Namespace { get; init; }

    /// <summary>ClusterIP, NodePort or LoadBalancer; null and not declared is NodePort.</summary>
    public string? Type { get; init; }

    /// <summary>The service's port, or null: one for each port of the containers.</summary>
    public int? Port { get; init; }

    /// <summary>The pods' port behind <see cref="Port"/>, or null: the same.</summary>
    public int? TargetPort { get; init; }

    /// <summary>The application protocol of its ports, such as http or mysql (ServicePort.appProtocol); null is http where the readiness probe speaks it, otherwise none.</summary>
    public string? AppProtocol { get; init; }

    /// <summary>The nodes' port, or null: the cluster chooses.</summary>
    public int? NodePort { get; init; }
}
