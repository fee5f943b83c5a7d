using System.Net;

namespace KubeLab.Engine.Remote;

/// <summary>How to reach a machine over SSH.</summary>
/// <param name="Host">The name or address.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="User">The user name. A user other than root requires sudo without a password.</param>
public sealed record SshEndpoint(string Host, int Port, string User)
{
    /// <summary>The private key file. If null, <see cref="Identities"/>, the agent and the user's default keys are used.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>Further private key files (ssh_config's IdentityFile). Missing files are ignored.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Use only those keys of the agent that are in <see cref="Identities"/> (ssh_config's IdentitiesOnly).</summary>
    public bool IdentitiesOnly { get; init; }

    /// <summary>If <see cref="Identities"/> is empty, use the user's default keys. ssh_config's "IdentityFile none" disables this.</summary>
    public bool HasDefaultIdentities { get; init; } = true;

    /// <summary>The certificates of the keys (ssh_config's CertificateFile). Default: KEY-cert.pub beside each key.</summary>
    public IReadOnlyList<string> CertificateFiles { get; init; } = [];

    /// <summary>The agent's socket, "none" or an environment variable (ssh_config's IdentityAgent). Default: SSH_AUTH_SOCK.</summary>
    public string? IdentityAgent { get; init; }

    /// <summary>The known_hosts file that must contain the host key. Default: the files of the user and the system.</summary>
    public string? KnownHostsFile { get; init; }

    /// <summary>Further known_hosts files (the rest of ssh_config's UserKnownHostsFile and GlobalKnownHostsFile).</summary>
    public IReadOnlyList<string> MoreKnownHostsFiles { get; init; } = [];

    /// <summary>The name of the host in the known_hosts files (ssh_config's HostKeyAlias). Default: its address.</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>The timeout for connecting (ssh_config's ConnectTimeout). Default: 15 seconds.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>The jump host (ssh_config's ProxyJump), or null for a direct connection. A jump host may have its own jump host.</summary>
    public SshEndpoint? Jump { get; init; }

    /// <summary>The machine may boot until this time. Failed connections are retried until then.</summary>
    public DateTimeOffset? BootsUntil { get; init; }

    // Internal, because a shell shows public properties in its output and logs.
    internal NetworkCredential? Password { get; init; }

    /// <summary>The same machine with a user name and password. The password is not shown or stored.</summary>
    public SshEndpoint As(NetworkCredential login) => this with { User = login.UserName, Password = login, IdentityFile = null };

    /// <summary>The endpoint as user@host:port.</summary>
    public override string ToString() => $"{User}@{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";
}
