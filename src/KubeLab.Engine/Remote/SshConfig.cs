using System.Globalization;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Remote;

/// <summary>The user's OpenSSH client configuration (ssh_config(5)): HostName, Port, User, IdentityFile, IdentitiesOnly, ProxyJump, HostKeyAlias,
/// UserKnownHostsFile, Host, Include and "Match all"; of each the first value wins. Other keywords mean nothing here, but ProxyCommand is refused.</summary>
public sealed class SshConfig
{
    // Bastions behind bastions are few; a configuration that sends a bastion through itself never ends.
    private const int Hops = 8;

    private readonly IReadOnlyList<SshSetting> _settings;

    internal SshConfig(IReadOnlyList<SshSetting> settings) => _settings = settings;

    /// <summary>Reads ~/.ssh/config and /etc/ssh/ssh_config.</summary>
    public static SshConfig ReadUser() => Read(SshFolder.Of("config"), "/etc/ssh/ssh_config");

    /// <summary>Reads configuration files, the first of which says first. One that is not there says nothing.</summary>
    public static SshConfig Read(params IEnumerable<string> files) => new([.. files.SelectMany(file => SshSetting.Read(file))]);

    /// <summary>How to reach a host. What is given wins over what the files say.</summary>
    /// <param name="host">A name that a Host pattern may match, or an address.</param>
    /// <param name="user">The login; without one, and none in the files, the name of the user here.</param>
    /// <param name="port">The port.</param>
    /// <param name="identityFile">The key, used alone.</param>
    /// <exception cref="KlException">SshConfigInvalid: the files ask for what cannot be done.</exception>
    public SshEndpoint Resolve(string host, string? user = null, int? port = null, string? identityFile = null) =>
        Resolve(host, user, port, identityFile, null, Hops);

    private SshEndpoint Resolve(string host, string? user, int? port, string? identityFile, SshEndpoint? jump, int hops)
    {
        var own = _settings.Where(setting => setting.IsOf(host)).ToLookup(setting => setting.Keyword, setting => setting.Values);
        string? First(string keyword) => own[keyword].FirstOrDefault()?[0];

        var name = First("hostname") is { } hostName ? Fill(hostName, ('h', host)) : host;
        user ??= First("user") ?? Environment.UserName;
        port ??= First("port") is { } number ? Number(host, number) : 22;
        string Path(string value) => SshFolder.Expand(Fill(value, ('h', name), ('n', host), ('p', port.Value.ToString(CultureInfo.InvariantCulture)),
            ('r', user), ('u', Environment.UserName), ('d', SshFolder.Expand("~"))));

        var known = own["userknownhostsfile"].FirstOrDefault()?.Select(Path).ToList();
        var proxy = _settings.FirstOrDefault(setting => setting.Keyword is "proxyjump" or "proxycommand" && setting.IsOf(host));
        if (jump is null && proxy is not null and not { Values: ["none"] })
            jump = proxy.Keyword == "proxyjump" ? Through(host, Path(proxy.Values[0]), hops)
                : throw Invalid(host, "ProxyCommand is not supported", "Use ProxyJump, or remove the line for this host.");
        return new(name, port.Value, user)
        {
            IdentityFile = identityFile is null ? null : SshFolder.Expand(identityFile),
            Identities = [.. own["identityfile"].Select(values => values[0]).Where(value => value != "none").Select(Path)],
            IdentitiesOnly = First("identitiesonly") == "yes",
            KnownHostsFile = known?.FirstOrDefault(File.Exists) ?? known?[0],
            HostKeyAlias = First("hostkeyalias"),
            Jump = jump,
        };
    }

    /// <summary>The last of several hops, each reached through the one before it; the first as the files say.</summary>
    private SshEndpoint Through(string host, string jumps, int hops)
    {
        if (hops == 0)
            throw Invalid(host, "its ProxyJump leads through itself", "Give the jump host a Host block with 'ProxyJump none'.");
        SshEndpoint? last = null;
        foreach (var hop in jumps.Split(',', StringSplitOptions.TrimEntries))
        {
            // The part before the @ may hold anything; of the rest only its last colon outside brackets begins a port.
            var text = hop.StartsWith("ssh://", StringComparison.Ordinal) ? hop[6..] : hop;
            var (login, at) = text.LastIndexOf('@') is >= 0 and var sign ? (text[..sign], text[(sign + 1)..]) : (null, text);
            var colon = at.LastIndexOf(':') is > 0 and var found && (at.StartsWith('[') ? found > at.IndexOf(']', StringComparison.Ordinal) : at.IndexOf(':', StringComparison.Ordinal) == found) ? found : at.Length;
            last = Resolve(at[..colon].Trim('[', ']'), login, colon == at.Length ? null : Number(host, at[(colon + 1)..]), null, last, hops - 1);
        }
        return last!;
    }

    private static string Fill(string value, params IEnumerable<(char Token, string Value)> tokens)
    {
        var parts = value.Split("%%");
        foreach (var (token, replacement) in tokens)
            parts = [.. parts.Select(part => part.Replace($"%{token}", replacement, StringComparison.Ordinal))];
        return string.Join('%', parts);
    }

    private static int Number(string host, string port) =>
        int.TryParse(port, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536 ? number : throw Invalid(host, $"'{port}' is no port", "Correct its Port.");

    private static KlException Invalid(string host, string what, string then) =>
        new("SshConfigInvalid", KlErrorKind.InvalidInput, host, $"{host}: in the SSH configuration {what}.", then);
}
