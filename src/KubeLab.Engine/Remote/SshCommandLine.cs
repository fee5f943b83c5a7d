using System.Globalization;

namespace KubeLab.Engine.Remote;

/// <summary>The arguments by which OpenSSH's own ssh reaches an endpoint as we do.</summary>
public static class SshCommandLine
{
    /// <summary>The arguments, the destination last.</summary>
    public static IReadOnlyList<string> Arguments(SshEndpoint endpoint)
    {
        var arguments = new List<string> { "-p", endpoint.Port.ToString(CultureInfo.InvariantCulture), "-l", endpoint.User };
        foreach (var file in endpoint.IdentityFile is { } given ? [given] : endpoint.Identities)
            arguments.AddRange(["-i", file]);
        if (endpoint.IdentityFile is not null || endpoint.IdentitiesOnly)
            arguments.AddRange(["-o", "IdentitiesOnly=yes"]);
        if (endpoint is { IdentityFile: null, Identities: [], HasDefaultIdentities: false })
            arguments.AddRange(["-o", "IdentityFile=none"]);
        foreach (var certificate in endpoint.CertificateFiles)
            arguments.AddRange(["-o", $"CertificateFile=\"{certificate}\""]);
        if (endpoint.IdentityAgent is { } agent)
            arguments.AddRange(["-o", $"IdentityAgent=\"{agent}\""]);
        if (endpoint.KnownHostsFile is { } known)
            // Only a host that one of these files knows is connected to.
            arguments.AddRange(["-o", $"UserKnownHostsFile={string.Join(' ', endpoint.MoreKnownHostsFiles.Prepend(known).Select(file => $"\"{file}\""))}", "-o", "StrictHostKeyChecking=yes"]);
        if (endpoint.HostKeyAlias is { } alias)
            arguments.AddRange(["-o", $"HostKeyAlias={alias}"]);
        if (endpoint.Jump is { } jump)
            arguments.AddRange(["-o", $"ProxyCommand=ssh -W [%h]:%p {string.Join(' ', Arguments(jump).Select(Quoted))}"]);
        return [.. arguments, endpoint.Host];
    }

    // The proxy command goes through a shell, and through ssh's own % once.
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal)}'";
}
