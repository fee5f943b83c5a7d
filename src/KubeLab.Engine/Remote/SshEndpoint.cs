namespace KubeLab.Engine.Remote;

/// <summary>How to reach a machine over SSH.</summary>
/// <param name="Host">Name or address, as seen from here.</param>
/// <param name="Port">TCP port.</param>
/// <param name="User">Login; one that is not root needs sudo without a password.</param>
public sealed record SshEndpoint(string Host, int Port, string User)
{
    /// <summary>The private key's file, or null: the agent, then the user's default keys.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>The known_hosts file that must know the host, or null: the user's own.</summary>
    public string? KnownHostsFile { get; init; }

    /// <summary>The name the host has in <see cref="KnownHostsFile"/>, or null: its address (ssh_config's HostKeyAlias).</summary>
    public string? HostKeyAlias { get; init; }

    /// <summary>A password for those who must; never shown, never stored.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public System.Net.NetworkCredential? Password { get; init; }
}
