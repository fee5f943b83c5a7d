namespace KubeLab;

/// <summary>A server to which a load balancer distributes connections.</summary>
/// <param name="Name">The name, such as that of a node.</param>
/// <param name="Address">The address as host:port.</param>
/// <param name="State">HAProxy's state of the server: UP, DOWN, or with the number of checks during a change, such as UP 1/2.</param>
public sealed record KlLoadBalancerServer(string Name, string Address, string State)
{
    /// <summary>The name and the state.</summary>
    public override string ToString() => $"{Name}: {State}";
}
