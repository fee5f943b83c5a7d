namespace KubeLab;

/// <summary>A port of a lab's load balancer, which distributes the connections to a service among the nodes.</summary>
public sealed record KlLoadBalancer
{
    /// <summary>The name of the service.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace of the service.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The port of the load balancer.</summary>
    public required int Port { get; init; }

    /// <summary>The address of the load balancer as host:port.</summary>
    public required string Address { get; init; }

    /// <summary>The address as a URL if the port of the service uses HTTP, otherwise null.</summary>
    public string? Url { get; init; }

    /// <summary>The machine of the load balancer.</summary>
    public required Machine Machine { get; init; }

    /// <summary>The nodes.</summary>
    public required KlCollection<KlLoadBalancerServer> Servers { get; init; }

    internal string Frontend { get; init; } = "";

    /// <summary>The name of the service.</summary>
    public override string ToString() => Name;
}
