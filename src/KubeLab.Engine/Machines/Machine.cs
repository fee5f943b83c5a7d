using System.Net;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab;

/// <summary>A machine that a provider created, or a host of yours.</summary>
public sealed record Machine
{
    /// <summary>The name and host name, unique among the machines of its provider.</summary>
    public required string Name { get; init; }

    /// <summary>The lab: the -Name of New-KlVm. Its cluster has the same name.</summary>
    public required string Lab { get; init; }

    /// <summary>Docker, OpenStack or Ssh.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's identifier: container ID or server ID; for Ssh, the host.</summary>
    public required string Id { get; init; }

    /// <summary>The provider's state: Running, Stopped, ...</summary>
    public required string State { get; init; }

    /// <summary>The address on the lab's network, with which the node registers.</summary>
    public required string Address { get; init; }

    /// <summary>The SSH endpoint.</summary>
    public required SshEndpoint Ssh { get; init; }

    /// <summary>The address of port 6443 as host:port, for the kubeconfig.</summary>
    public required string ApiEndpoint { get; init; }

    /// <summary>Where the provider has the machine: for OpenStack, the cloud's name in clouds.yaml. Null for providers with one location.</summary>
    public string? Location { get; init; }

    /// <summary>The public address, if it differs from <see cref="Address"/>.</summary>
    public string? PublicAddress { get; init; }

    /// <summary>The size in the provider's terms: for OpenStack, the flavor's name. Null if the provider has none.</summary>
    public string? Size { get; init; }

    /// <summary>The image's name. Null for your own hosts.</summary>
    public string? Image { get; init; }

    /// <summary>The creation time, if the provider knows it.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>True for a container that shares its kernel with others. Kernel settings that fail there are ignored.</summary>
    public bool IsContainer { get; init; }

    internal IPAddress IP => IPAddress.Parse(Address);

    /// <summary>Whether the machine is the load balancer of its lab, which is not a node.</summary>
    internal bool IsLoadBalancer => Name == LabName.LoadBalancer(Lab);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
