using System.Net;

namespace KubeLab.Engine.Machines.Ssh;

/// <summary>A host of yours that is used as a machine. Omitted values are read from your SSH configuration.</summary>
/// <param name="Lab">The lab.</param>
/// <param name="Name">The machine's name.</param>
/// <param name="HostName">The host's name or address, or a Host entry of your SSH configuration.</param>
public sealed record SshMachineSpec(string Lab, string Name, string HostName) : MachineSpec(Lab, Name)
{
    /// <summary>The user: root, or a user with passwordless sudo.</summary>
    public string? User { get; init; }

    /// <summary>The TCP port.</summary>
    public int? Port { get; init; }

    /// <summary>The private key file.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>The password. It is kept in this process only.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public NetworkCredential? Password { get; init; }

    /// <summary>The address on the lab's network. Default: the source address of the host's default route.</summary>
    public IPAddress? Address { get; init; }
}
