using System.Collections.Concurrent;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>What the machines of an order stand on, and what there was when it was looked at.</summary>
internal sealed record PreparedOrder(LabCloud Home, Image Image, Flavor Flavor, string NetworkId, Subnet? Subnet, string GroupId, string KeyName)
{
    public string? ExternalId { get; init; }

    public string? ServerGroupId { get; init; }

    /// <summary>The lab's public key, as a line of authorized_keys.</summary>
    public required string PublicKey { get; init; }

    public required IReadOnlyList<Server> Servers { get; init; }

    public required IReadOnlyList<Port> Ports { get; init; }

    public required IReadOnlyList<FloatingIp> FloatingIps { get; init; }

    /// <summary>Floating IPs of the project that lead nowhere.</summary>
    public required ConcurrentQueue<FloatingIp> Free { get; init; }
}
