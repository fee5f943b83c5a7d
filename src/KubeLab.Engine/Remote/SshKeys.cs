using System.Net;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace KubeLab.Engine.Remote;

/// <summary>The authentication methods for a login.</summary>
/// <param name="Methods">The methods in order.</param>
/// <param name="Skipped">The reasons why existing keys are not used.</param>
internal sealed record SshKeys(IReadOnlyList<AuthenticationMethod> Methods, IReadOnlyList<string> Skipped)
{
    private static readonly string[] Defaults = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>Reads the key and password of an endpoint. If it has neither, uses the agent's keys and the user's keys.</summary>
    /// <exception cref="KlException">AuthenticationFailed: the identity file could not be read.</exception>
    public static async Task<SshKeys> ReadAsync(string name, SshEndpoint endpoint, CancellationToken stop)
    {
        var (sources, skipped) = endpoint.IdentityFile is { } file ? ([await LoadIdentityFileAsync(name, endpoint, file, stop)], [])
            : endpoint.Password is null ? await LoadIdentitiesAsync(endpoint, stop) : ([], []);
        var methods = new List<AuthenticationMethod>();
        if (sources.Count > 0)
            methods.Add(new PrivateKeyAuthenticationMethod(endpoint.User, [.. sources]));
        if (endpoint.Password is { } password)
            methods.AddRange(WithPassword(endpoint.User, password));
        return new(methods.Count > 0 ? methods : [new NoneAuthenticationMethod(endpoint.User)], skipped);
    }

    private static async Task<IPrivateKeySource> LoadIdentityFileAsync(string name, SshEndpoint endpoint, string file, CancellationToken stop)
    {
        var agentKey = (await new SshAgent(endpoint.IdentityAgent).KeysAsync(stop)).FirstOrDefault(key => key.Matches(file));
        return Load(file, Certificate(file, endpoint), out var why) ?? (IPrivateKeySource?)agentKey ?? throw Unusable(name, file, why);
    }

    private static async Task<(IReadOnlyList<IPrivateKeySource> Sources, IReadOnlyList<string> Skipped)> LoadIdentitiesAsync(
        SshEndpoint endpoint, CancellationToken stop)
    {
        var files = endpoint.Identities.Count > 0 ? endpoint.Identities : endpoint.HasDefaultIdentities ? [.. Defaults.Select(SshFolder.PathOf)] : [];
        // Servers limit the number of attempts, so the keys for this host come first.
        var agentKeys = (await new SshAgent(endpoint.IdentityAgent).KeysAsync(stop)).ToLookup(key => files.Any(file => key.Matches(file)));
        var sources = new List<IPrivateKeySource>(endpoint.IdentitiesOnly ? agentKeys[true] : agentKeys[true].Concat(agentKeys[false]));
        var skipped = new List<string>();
        foreach (var file in files.Where(file => File.Exists(file) && !agentKeys[true].Any(key => key.Matches(file))))
        {
            if (Load(file, Certificate(file, endpoint), out var error) is { } key)
            {
                sources.Add(key);
                continue;
            }
            var (why, next) = Reason(file, error);
            skipped.Add($"{why} ({next})");
        }
        return (sources, skipped);
    }

    /// <summary>The certificate for a key: one of the configured certificates, or else KEY-cert.pub.</summary>
    private static string? Certificate(string file, SshEndpoint endpoint)
    {
        IReadOnlyList<string> candidates = endpoint.CertificateFiles.Count > 0 ? endpoint.CertificateFiles : [file + "-cert.pub"];
        return candidates.FirstOrDefault(certificate => File.Exists(certificate) && Load(file, certificate, out _) is not null);
    }

    /// <summary>Reads a key file and its certificate, or returns null and the error.</summary>
    private static FileKey? Load(string file, string? certificate, out Exception? why)
    {
        try
        {
            why = null;
            return new(certificate is null ? new PrivateKeyFile(file) : new PrivateKeyFile(file, null, certificate));
        }
        catch (Exception error) when (error is SshException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            why = error;
            return null;
        }
    }

    private static KlException Unusable(string name, string file, Exception? error)
    {
        var (why, next) = Reason(file, error);
        return new(ErrorIds.AuthenticationFailed, KlErrorKind.Denied, name, $"{name}: {why}.", next, error);
    }

    private static (string Why, string Next) Reason(string file, Exception? error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => ($"the key {file} does not exist", "Specify the path of a private key."),
        SshPassPhraseNullOrEmptyException => ($"the key {file} is encrypted", $"Add it to your agent: ssh-add '{file}'"),
        _ => ($"the key {file} could not be read", "Use a private key in OpenSSH or PEM format that you have permission to read."),
    };

    private static IEnumerable<AuthenticationMethod> WithPassword(string user, NetworkCredential password)
    {
        yield return new PasswordAuthenticationMethod(user, password.Password);
        var interactive = new KeyboardInteractiveAuthenticationMethod(user);
        interactive.AuthenticationPrompt += (_, questions) =>
        {
            foreach (var question in questions.Prompts)
                question.Response = question.IsEchoed ? "" : password.Password;
        };
        yield return interactive;
    }

    /// <summary>A key from a file. RSA keys are not offered with SHA-1 signatures, because each offer counts as an attempt and servers allow six.</summary>
    private sealed class FileKey(PrivateKeyFile file) : IPrivateKeySource
    {
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; } =
            [.. file.HostKeyAlgorithms.Where(algorithm => algorithm.Name is not ("ssh-rsa" or "ssh-rsa-cert-v01@openssh.com"))];
    }
}
