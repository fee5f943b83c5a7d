using System.Net;

namespace KubeLab.Engine.Machines.Ssh;

/// <summary>A host you own, to be used as a machine. What is not given is looked up in your SSH configuration.</summary>
/// <param name="Lab">The lab it belongs to.</param>
/// <param name="Name">Its name.</param>
/// <param name="HostName">Its name or address, or a Host of your SSH configuration.</param>
public sealed record SshMachineSpec(string Lab, string Name, string HostName) : MachineSpec(Lab, Name)
{
    /// <summary>The login: root, or one that has sudo without a password.</summary>
    public string? User { get; init; }

    /// <summary>The TCP port.</summary>
    public int? Port { get; init; }

    /// <summary>The private key's file.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>A password; it is not kept beyond this process.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public NetworkCredential? Password { get; init; }

    /// <summary>Its address among the machines of its lab; without one, the source address of its default route.</summary>
    public IPAddress? Address { get; init; }
}
