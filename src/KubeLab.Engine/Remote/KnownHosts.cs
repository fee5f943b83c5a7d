using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KubeLab.Engine.Remote.Config;
using Renci.SshNet;

namespace KubeLab.Engine.Remote;

/// <summary>The known_hosts entries of one host (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).</summary>
internal sealed class KnownHosts
{
    private readonly IReadOnlyList<KnownHost> _hosts;
    private readonly string _name;
    private readonly string _file;

    private KnownHosts(IReadOnlyList<KnownHost> hosts, string name, string file) => (_hosts, _name, _file) = (hosts, name, file);

    /// <summary>Reads the entries of a host. Missing files are ignored.</summary>
    public static async Task<KnownHosts> ReadAsync(SshEndpoint endpoint, CancellationToken stop)
    {
        string[] files = endpoint.KnownHostsFile is { } given ? [given, .. endpoint.MoreKnownHostsFiles]
            : [SshFolder.PathOf("known_hosts"), SshFolder.PathOf("known_hosts2"), "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
        // For a port other than 22, ssh looks up [host]:port first and then the host alone.
        var host = endpoint.Host.ToLowerInvariant();
        string[] names = endpoint.HostKeyAlias is { } alias ? [alias] : endpoint.Port == 22 ? [host] : [$"[{host}]:{endpoint.Port}", host];
        var hosts = new List<KnownHost>();
        foreach (var file in files.Where(File.Exists))
            hosts.AddRange((await File.ReadAllLinesAsync(file, stop))
                .Select((text, i) => KnownHost.Parse(text, file, i + 1)).OfType<KnownHost>().Where(entry => names.Any(entry.Matches)));
        return new(hosts, names[0], files[0]);
    }

    /// <summary>Moves the known key types to the front, so that the host uses a known key. Removes certificates, which are not supported.</summary>
    public void Prefer(IOrderedDictionary<string, Func<byte[], Renci.SshNet.Security.KeyHostAlgorithm>> algorithms)
    {
        foreach (var certificate in algorithms.Keys.Where(key => key.Contains("-cert-", StringComparison.Ordinal)).ToList())
            algorithms.Remove(certificate);
        var known = _hosts.Where(host => host.Marker is null).Select(host => host.Type).ToHashSet();
        var first = algorithms.Keys.Where(key => known.Contains(key.StartsWith("rsa-", StringComparison.Ordinal) ? "ssh-rsa" : key)).ToList();
        for (var i = 0; i < first.Count; i++)
            algorithms.SetPosition(first[i], i);
    }

    /// <summary>Checks the key of a host.</summary>
    /// <returns>The error, or null if the key is known.</returns>
    public KlException? Check(string machine, SshEndpoint endpoint, byte[] key)
    {
        var type = Encoding.ASCII.GetString(key, 4, BinaryPrimitives.ReadInt32BigEndian(key));
        var entries = _hosts.Where(host => host.Marker is null).ToList();
        if (_hosts.FirstOrDefault(host => host.Marker == "@revoked" && host.Key.AsSpan().SequenceEqual(key)) is { } revoked)
            return new(ErrorIds.HostKeyRevoked, KlErrorKind.Denied, machine,
                $"{machine}: the {type} key {Fingerprint(key)} of {endpoint} is revoked by line {revoked.Line} of {revoked.File}.",
                "Do not connect before you know why the key was revoked. Then create a new host key.");
        if (entries.Any(host => host.Key.AsSpan().SequenceEqual(key)))
            return null;
        if ((entries.FirstOrDefault(host => host.Type == type) ?? entries.FirstOrDefault()) is { } other)
            return new(ErrorIds.HostKeyChanged, KlErrorKind.Denied, machine,
                $"{machine}: the host key of {endpoint} has changed. The host has {type} {Fingerprint(key)}; "
                    + $"line {other.Line} of {other.File} has {other.Type} {Fingerprint(other.Key)}.",
                $"If the machine was recreated, remove that line (ssh-keygen -R '{_name}' -f '{other.File}') and add the new key. "
                    + "Otherwise another machine may be responding at this address.");
        var authority = _hosts.FirstOrDefault(host => host.Marker == "@cert-authority");
        var line = $"{_name} {type} {Convert.ToBase64String(key)}";
        // UserKnownHostsFile /dev/null is a common way to disable the check.
        var keep = _file is "/dev/null" or "NUL" ? $"set UserKnownHostsFile for this host to a file (not {_file}), and add this line to that file"
            : $"add this line to {_file}";
        return new(ErrorIds.HostKeyUnknown, KlErrorKind.Denied, machine,
            $"{machine}: the host key of {endpoint} is not known. It is {type} {Fingerprint(key)}."
                + (authority is null ? ""
                    : $" (Line {authority.Line} of {authority.File} trusts a certificate authority; host certificates are not supported.)"),
            $"Compare the fingerprint with the machine's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then {keep}: {line}");
    }

    /// <summary>A key's fingerprint, as ssh shows it.</summary>
    private static string Fingerprint(byte[] key) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');
}

/// <summary>One line of a known_hosts file.</summary>
/// <param name="Marker">@revoked, @cert-authority, or null.</param>
/// <param name="Names">Patterns separated by commas, or a hashed name.</param>
/// <param name="Type">The key's type.</param>
/// <param name="Key">The key's blob.</param>
/// <param name="File">The file.</param>
/// <param name="Line">The line number, starting at 1.</param>
internal sealed record KnownHost(string? Marker, string Names, string Type, byte[] Key, string File, int Line)
{
    /// <summary>Parses a line; null if it is empty, a comment or does not contain a key.</summary>
    public static KnownHost? Parse(string text, string file, int line)
    {
        var words = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var marker = words is [['@', ..], ..] ? words[0] : null;
        if ((marker is null ? words : words[1..]) is not [var names, var type, var key, ..] || names[0] == '#')
            return null;
        var blob = new byte[key.Length];
        return Convert.TryFromBase64String(key, blob, out var length) ? new(marker, names, type, blob[..length], file, line) : null;
    }

    /// <summary>Whether the line applies to <paramref name="host"/>.</summary>
    public bool Matches(string host)
    {
        if (Names.Split('|') is ["", "1", var salt, var hash])
        {
            var key = new byte[salt.Length];
#pragma warning disable CA5350 // The file format uses SHA-1.
            return Convert.TryFromBase64String(salt, key, out var length)
                && Convert.ToBase64String(HMACSHA1.HashData(key.AsSpan(0, length), Encoding.UTF8.GetBytes(host))) == hash;
#pragma warning restore CA5350
        }
        return Patterns.Match(Names.Split(','), host, ignoreCase: true);
    }
}
