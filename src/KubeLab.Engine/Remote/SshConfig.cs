using System.Globalization;
using KubeLab.Engine.Remote.Config;

namespace KubeLab.Engine.Remote;

/// <summary>The user's OpenSSH client configuration, read as in ssh (ssh_config(5)). Supported: Host, Match, Include, HostName, Port, User, IdentityFile,
/// CertificateFile, IdentitiesOnly, IdentityAgent, ProxyJump, HostKeyAlias, UserKnownHostsFile, GlobalKnownHostsFile, ConnectTimeout and
/// CanonicalizeHostname. ProxyCommand is an error. StrictHostKeyChecking has no effect: the host key must be known. Other keywords are ignored.</summary>
public sealed class SshConfig
{
    // Limits a ProxyJump that leads through itself.
    private const int MaxHops = 8;

    private readonly IReadOnlyList<ConfigFile> _files;

    private SshConfig(IReadOnlyList<ConfigFile> files) => _files = files;

    /// <summary>~/.ssh/config and /etc/ssh/ssh_config.</summary>
    public static SshConfig ReadUser() =>
        new([
            new(SshFolder.PathOf("config"), IsUserFile: true, MustNotBeWritableByOthers: true),
            new("/etc/ssh/ssh_config", IsUserFile: false, MustNotBeWritableByOthers: false)]);

    /// <summary>Reads configuration files of the user. The first value of a keyword applies. Missing files are ignored.</summary>
    public static SshConfig Read(params IEnumerable<string> files) =>
        new([.. files.Select(file => new ConfigFile(file, IsUserFile: true, MustNotBeWritableByOthers: false))]);

    /// <summary>Determines how to reach a host. Arguments override the files.</summary>
    /// <param name="host">The host name or address, matched against Host patterns.</param>
    /// <param name="user">The user name. Default: from the files, or the local user name.</param>
    /// <param name="port">The port.</param>
    /// <param name="identityFile">The only key to use.</param>
    /// <exception cref="KlException">SshConfigInvalid: the files contain an error or an unsupported option.</exception>
    public SshEndpoint Resolve(string host, string? user = null, int? port = null, string? identityFile = null) =>
        Resolve(host, user, port, identityFile, null, MaxHops);

    private SshEndpoint Resolve(string host, string? user, int? port, string? identityFile, SshEndpoint? jump, int hops)
    {
        var own = ConfigReader.Read(_files, host, user, port);
        if (jump is null && own.First("proxycommand") is { } command && command != "none")
            throw ConfigReader.Invalid(host, "ProxyCommand is not supported", "Use ProxyJump, or remove the line for this host.");
        if (jump is null && own.First("proxyjump") is { } jumps && jumps != "none")
            jump = ResolveJump(host, jumps, hops);
        var users = KnownHostsFiles(own, "userknownhostsfile", own.Path);
        var global = KnownHostsFiles(own, "globalknownhostsfile", path => path);
        List<string>? known = users is null && global is null ? null
            : [.. users ?? [SshFolder.PathOf("known_hosts"), SshFolder.PathOf("known_hosts2")],
                .. global ?? ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]];
        return new(own.Host, int.Parse(own.Port, CultureInfo.InvariantCulture), own.User)
        {
            IdentityFile = identityFile is null ? null : SshFolder.Expand(identityFile),
            Identities = Paths("identityfile"),
            HasDefaultIdentities = own.Accumulated("identityfile").Count == 0,
            CertificateFiles = Paths("certificatefile"),
            IdentitiesOnly = own.First("identitiesonly")?.ToLowerInvariant() is "yes" or "true",
            IdentityAgent = own.First("identityagent") is { } agent ? own.Path(agent) : null,
            // With 'none' for both, no host key is known.
            KnownHostsFile = known is [] ? "/dev/null" : known?[0],
            MoreKnownHostsFiles = known is null ? [] : known.Skip(1).ToArray(),
            HostKeyAlias = own.First("hostkeyalias")?.ToLowerInvariant(),
            ConnectTimeout = own.First("connecttimeout") is { } limit ? Duration.Parse(limit) : null,
            Jump = jump,
        };

        IReadOnlyList<string> Paths(string keyword) =>
            own.Accumulated(keyword).Where(value => !value.Equals("none", StringComparison.OrdinalIgnoreCase))
                .Select(own.Path).ToArray() is { Length: > 0 } paths ? paths : [];
    }

    private static IEnumerable<string>? KnownHostsFiles(ConfigReader own, string keyword, Func<string, string> path) =>
        own.All(keyword) is not { } files ? null
            : files is [var only] && only.Equals("none", StringComparison.OrdinalIgnoreCase) ? [] : files.Select(path);

    /// <summary>The last of several jump hosts. Each is reached through the one before it.</summary>
    private SshEndpoint ResolveJump(string host, string jumps, int hops)
    {
        if (hops == 0)
            throw ConfigReader.Invalid(host, "its ProxyJump leads through itself", "Add a Host block with 'ProxyJump none' for the jump host.");
        SshEndpoint? last = null;
        foreach (var hop in JumpHost.Parse(jumps)!)
            last = Resolve(hop.Host, hop.User, hop.Port, null, last, hops - 1);
        return last!;
    }
}
