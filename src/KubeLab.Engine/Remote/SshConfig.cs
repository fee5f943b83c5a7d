using System.Globalization;
using KubeLab.Engine.Remote.Config;

namespace KubeLab.Engine.Remote;

/// <summary>The user's OpenSSH client configuration, read as ssh reads it (ssh_config(5)): Host, Match and Include; HostName, Port, User, IdentityFile, CertificateFile,
/// IdentitiesOnly, IdentityAgent, ProxyJump, HostKeyAlias, UserKnownHostsFile, GlobalKnownHostsFile, ConnectTimeout, CanonicalizeHostname.
/// ProxyCommand is refused. StrictHostKeyChecking changes nothing: a host must be known. Other keywords mean nothing here.</summary>
public sealed class SshConfig
{
    // Bastions behind bastions are few; a configuration that sends a bastion through itself never ends.
    private const int Hops = 8;

    private readonly IReadOnlyList<ConfigFile> _files;

    private SshConfig(IReadOnlyList<ConfigFile> files) => _files = files;

    /// <summary>~/.ssh/config and /etc/ssh/ssh_config.</summary>
    public static SshConfig ReadUser() =>
        new([new(SshFolder.Of("config"), IsUsers: true, IsGuarded: true), new("/etc/ssh/ssh_config", IsUsers: false, IsGuarded: false)]);

    /// <summary>Configuration files of the user, the first of which says first. One that is not there says nothing.</summary>
    public static SshConfig Read(params IEnumerable<string> files) => new([.. files.Select(file => new ConfigFile(file, IsUsers: true, IsGuarded: false))]);

    /// <summary>How to reach a host. What is given wins over what the files say.</summary>
    /// <param name="host">A name that a Host pattern may match, or an address.</param>
    /// <param name="user">The login; without one, and none in the files, the name of the user here.</param>
    /// <param name="port">The port.</param>
    /// <param name="identityFile">The key, used alone.</param>
    /// <exception cref="KlException">SshConfigInvalid: the files have an error, or ask for what cannot be done.</exception>
    public SshEndpoint Resolve(string host, string? user = null, int? port = null, string? identityFile = null) =>
        Resolve(host, user, port, identityFile, null, Hops);

    private SshEndpoint Resolve(string host, string? user, int? port, string? identityFile, SshEndpoint? jump, int hops)
    {
        var own = ConfigReader.Read(_files, host, user, port);
        if (jump is null && own.First("proxycommand") is { } command && command != "none")
            throw ConfigReader.Invalid(host, "ProxyCommand is not supported", "Use ProxyJump, or remove the line for this host.");
        if (jump is null && own.First("proxyjump") is { } jumps && jumps != "none")
            jump = Through(host, jumps, hops);
        var users = Known(own, "userknownhostsfile", own.Path);
        var global = Known(own, "globalknownhostsfile", path => path);
        List<string>? known = users is null && global is null ? null
            : [.. users ?? [SshFolder.Of("known_hosts"), SshFolder.Of("known_hosts2")], .. global ?? ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]];
        return new(own.Host, int.Parse(own.Port, CultureInfo.InvariantCulture), own.User)
        {
            IdentityFile = identityFile is null ? null : SshFolder.Expand(identityFile),
            Identities = Paths("identityfile"),
            HasDefaultIdentities = own.Sum("identityfile").Count == 0,
            CertificateFiles = Paths("certificatefile"),
            IdentitiesOnly = own.First("identitiesonly")?.ToLowerInvariant() is "yes" or "true",
            IdentityAgent = own.First("identityagent") is { } agent ? own.Path(agent) : null,
            // With 'none' for both, no file knows any host.
            KnownHostsFile = known is [] ? "/dev/null" : known?[0],
            MoreKnownHostsFiles = known is null ? [] : known.Skip(1).ToArray(),
            HostKeyAlias = own.First("hostkeyalias")?.ToLowerInvariant(),
            ConnectTimeout = own.First("connecttimeout") is { } limit ? Duration.Parse(limit) : null,
            Jump = jump,
        };

        IReadOnlyList<string> Paths(string keyword) =>
            own.Sum(keyword).Where(value => !value.Equals("none", StringComparison.OrdinalIgnoreCase)).Select(own.Path).ToArray() is { Length: > 0 } paths ? paths : [];
    }

    private static IEnumerable<string>? Known(ConfigReader own, string keyword, Func<string, string> path) =>
        own.All(keyword) is not { } files ? null : files is [var only] && only.Equals("none", StringComparison.OrdinalIgnoreCase) ? [] : files.Select(path);

    /// <summary>The last of several hops, each reached through the one before it; the first as the files say.</summary>
    private SshEndpoint Through(string host, string jumps, int hops)
    {
        if (hops == 0)
            throw ConfigReader.Invalid(host, "its ProxyJump leads through itself", "Give the jump host a Host block with 'ProxyJump none'.");
        SshEndpoint? last = null;
        foreach (var hop in JumpHost.Parse(jumps)!)
            last = Resolve(hop.Host, hop.User, hop.Port, null, last, hops - 1);
        return last!;
    }
}
