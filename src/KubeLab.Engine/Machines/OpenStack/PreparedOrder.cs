using System.Collections.Concurrent;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The prepared resources of an order, and the existing ones when the cloud was read.</summary>
internal sealed record PreparedOrder(LabCloud LabCloud, Image Image, Flavor Flavor, string NetworkId, Subnet? Subnet, string GroupId, string KeyName)
{
    public string? ExternalId { get; init; }

    public string? ServerGroupId { get; init; }

    /// <summary>The lab's public key, as a line of authorized_keys.</summary>
    public required string PublicKey { get; init; }

    public required IReadOnlyList<Server> Servers { get; init; }

    public required IReadOnlyList<Port> Ports { get; init; }

    public required IReadOnlyList<FloatingIp> FloatingIps { get; init; }

    /// <summary>Unassociated floating IPs of the project.</summary>
    public required ConcurrentQueue<FloatingIp> FreeFloatingIps { get; init; }
}
