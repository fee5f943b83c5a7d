using System.Globalization;

namespace KubeLab.Engine.Remote;

/// <summary>The arguments for OpenSSH's ssh to reach an endpoint in the same way.</summary>
public static class SshCommandLine
{
    /// <summary>The arguments, with the destination last.</summary>
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
            // Connect only if one of these files contains the host key.
            arguments.AddRange([
                "-o", $"UserKnownHostsFile={string.Join(' ', endpoint.MoreKnownHostsFiles.Prepend(known).Select(file => $"\"{file}\""))}",
                "-o", "StrictHostKeyChecking=yes"]);
        if (endpoint.HostKeyAlias is { } alias)
            arguments.AddRange(["-o", $"HostKeyAlias={alias}"]);
        if (endpoint.Jump is { } jump)
            arguments.AddRange(["-o", $"ProxyCommand=ssh -W [%h]:%p {string.Join(' ', Arguments(jump).Select(Quote))}"]);
        return [.. arguments, endpoint.Host];
    }

    // ssh expands % in the proxy command and runs it in a shell.
    private static string Quote(string text) =>
        $"'{text.Replace("'", "'\\''", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal)}'";
}
