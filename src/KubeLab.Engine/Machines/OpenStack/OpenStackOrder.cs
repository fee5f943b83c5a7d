using System.Net;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>What the machines of one order have in common. Those who share the instance share what is looked up and made once.</summary>
/// <param name="Machines">The names of all that are asked for, by which the quota is checked before anything is made.</param>
/// <param name="Image">Name or id of the image; one with cloud-init.</param>
/// <param name="Flavor">Name or id of the flavor.</param>
public sealed record OpenStackOrder(IReadOnlyList<string> Machines, string Image, string Flavor)
{
    /// <summary>The cloud in clouds.yaml; null: OS_CLOUD, the OS_* variables, or the only one there is.</summary>
    public string? Cloud { get; init; }

    /// <summary>A login in place of the configured one.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public NetworkCredential? Credential { get; init; }

    /// <summary>Name or id of a network that exists; null: one of the lab's own, with a router.</summary>
    public string? Network { get; init; }

    /// <summary>Name or id of the network that leads out; null: the only one there is.</summary>
    public string? ExternalNetwork { get; init; }

    /// <summary>Whether each machine gets a public address.</summary>
    public bool FloatingIp { get; init; }

    /// <summary>GiB of a volume to boot from; null: the flavor's own disk.</summary>
    public int? BootVolume { get; init; }

    /// <summary>The policy of a server group that the lab's machines are in, as in anti-affinity; null: none.</summary>
    public string? ServerGroup { get; init; }

    /// <summary>The zones that machines are spread over by their numbers; empty: the cloud's choice.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>A key pair of yours for the image's own login; null: the lab's.</summary>
    public string? KeyName { get; init; }

    /// <summary>The addresses of a lab's own network where none are asked for.</summary>
    public const string UsualSubnet = "10.77.0.0/16";

    /// <summary>The addresses of the lab's own network; null: those it has already, or <see cref="UsualSubnet"/>.</summary>
    public string? Subnet { get; init; }

    /// <summary>The addresses of pods, which machines may send from; what Initialize-KlCluster takes by itself.</summary>
    public string PodSubnet { get; init; } = "10.244.0.0/16";
}

/// <summary>A machine of an order.</summary>
/// <param name="Lab">The lab it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Order">What it has in common with others.</param>
public sealed record OpenStackMachineSpec(string Lab, string Name, OpenStackOrder Order) : MachineSpec(Lab, Name);
