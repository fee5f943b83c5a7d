using System.Net;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The common settings of a set of machines. Machines with the same instance share the resources that are looked up and created once.</summary>
/// <param name="Machines">The names of all requested machines. The quota is checked for all of them first.</param>
/// <param name="Image">Name or ID of an image with cloud-init.</param>
/// <param name="Flavor">Name or ID of the flavor.</param>
public sealed record OpenStackOrder(IReadOnlyList<string> Machines, string Image, string Flavor)
{
    /// <summary>The cloud in clouds.yaml. Null: OS_CLOUD, the OS_* variables, or the only configured cloud.</summary>
    public string? Cloud { get; init; }

    /// <summary>Credentials that replace the configured ones.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public NetworkCredential? Credential { get; init; }

    /// <summary>Name or ID of an existing network. Null: the lab gets its own network with a router.</summary>
    public string? Network { get; init; }

    /// <summary>Name or ID of the external network. Null: the only one.</summary>
    public string? ExternalNetwork { get; init; }

    /// <summary>Whether each machine gets a floating IP.</summary>
    public bool FloatingIp { get; init; }

    /// <summary>The size of a boot volume in GiB. Null: the flavor's disk.</summary>
    public int? BootVolume { get; init; }

    /// <summary>The policy of a server group for the lab's machines, for example anti-affinity. Null: no server group.</summary>
    public string? ServerGroup { get; init; }

    /// <summary>The availability zones. Machines are distributed over them by number. Empty: the cloud decides.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>An existing key pair for the image's default user. Null: the lab's key pair.</summary>
    public string? KeyName { get; init; }

    /// <summary>The default subnet of a lab's own network.</summary>
    public const string DefaultSubnet = "10.77.0.0/16";

    /// <summary>The subnet of the lab's own network. Null: its existing subnet, or <see cref="DefaultSubnet"/>.</summary>
    public string? Subnet { get; init; }

    /// <summary>The subnet of pods, from which machines may send. The default matches Initialize-KlCluster.</summary>
    public string PodSubnet { get; init; } = "10.244.0.0/16";
}

/// <summary>The specification of an OpenStack machine.</summary>
/// <param name="Lab">The lab.</param>
/// <param name="Name">The machine's name.</param>
/// <param name="Order">The settings that it shares with other machines.</param>
public sealed record OpenStackMachineSpec(string Lab, string Name, OpenStackOrder Order) : MachineSpec(Lab, Name);
