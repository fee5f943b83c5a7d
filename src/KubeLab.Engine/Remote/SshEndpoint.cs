using System.Net;

namespace KubeLab.Engine.Remote;

/// <summary>How to reach a machine over SSH.</summary>
/// <param name="Host">Name or address, as seen from here.</param>
/// <param name="Port">TCP port.</param>
/// <param name="User">Login; one that is not root needs sudo without a password.</param>
public sealed record SshEndpoint(string Host, int Port, string User)
{
    /// <summary>The private key's file, or null: <see cref="Identities"/>, the agent, then the user's default keys.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>Further keys that may open it (ssh_config's IdentityFile); those that are not there are passed over.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Of the agent's keys, use those alone that <see cref="Identities"/> name (ssh_config's IdentitiesOnly).</summary>
    public bool IdentitiesOnly { get; init; }

    /// <summary>Where <see cref="Identities"/> is empty, try the user's default keys; ssh_config's "IdentityFile none" turns this off.</summary>
    public bool HasDefaultIdentities { get; init; } = true;

    /// <summary>Certificates of the keys (ssh_config's CertificateFile); without one, KEY-cert.pub beside each key.</summary>
    public IReadOnlyList<string> CertificateFiles { get; init; } = [];

    /// <summary>The agent's socket, "none", or a variable that names it (ssh_config's IdentityAgent); null: SSH_AUTH_SOCK.</summary>
    public string? IdentityAgent { get; init; }

    /// <summary>The known_hosts file that must know the host, or null: the user's own and the system's.</summary>
    public string? KnownHostsFile { get; init; }

    /// <summary>Further known_hosts files that may know it (the rest of ssh_config's UserKnownHostsFile and GlobalKnownHostsFile).</summary>
    public IReadOnlyList<string> MoreKnownHostsFiles { get; init; } = [];

    /// <summary>The name the host has in the known_hosts files, or null: its address (ssh_config's HostKeyAlias).</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>How long connecting may take (ssh_config's ConnectTimeout); null: 15 seconds.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>The host to go through (ssh_config's ProxyJump), which may have one of its own; null: directly.</summary>
    public SshEndpoint? Jump { get; init; }

    /// <summary>Until then it may still be booting: who cannot get in tries again.</summary>
    public DateTimeOffset? BootsUntil { get; init; }

    // A password for those who must. A shell writes whatever is public to files and logs.
    internal NetworkCredential? Password { get; init; }

    /// <summary>The same machine for another login, by password, which is never shown or stored.</summary>
    public SshEndpoint As(NetworkCredential login) => this with { User = login.UserName, Password = login, IdentityFile = null };

    /// <summary>As ssh writes it: user@host:port.</summary>
    public override string ToString() => $"{User}@{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";
}
