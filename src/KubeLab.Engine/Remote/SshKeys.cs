using System.Net;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace KubeLab.Engine.Remote;

/// <summary>What a login is tried with.</summary>
/// <param name="Methods">In the order they are tried.</param>
/// <param name="PassedOver">Why keys that are there are not among them.</param>
internal sealed record SshKeys(IReadOnlyList<AuthenticationMethod> Methods, IReadOnlyList<string> PassedOver)
{
    private static readonly string[] Defaults = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>The keys and password for an endpoint: what it names, and if it names nothing the agent's keys and the user's own.</summary>
    /// <exception cref="KlException">AuthenticationFailed: the key it names cannot be read.</exception>
    public static async Task<SshKeys> OfAsync(string name, SshEndpoint endpoint, CancellationToken stop)
    {
        var (sources, passedOver) = endpoint.IdentityFile is { } file ? ([await NamedAsync(name, endpoint, file, stop)], [])
            : endpoint.Password is null ? await OwnAsync(endpoint, stop) : ([], []);
        var methods = new List<AuthenticationMethod>();
        if (sources.Count > 0)
            methods.Add(new PrivateKeyAuthenticationMethod(endpoint.User, [.. sources]));
        if (endpoint.Password is { } password)
            methods.AddRange(WithPassword(endpoint.User, password));
        return new(methods.Count > 0 ? methods : [new NoneAuthenticationMethod(endpoint.User)], passedOver);
    }

    private static async Task<IPrivateKeySource> NamedAsync(string name, SshEndpoint endpoint, string file, CancellationToken stop)
    {
        var held = (await new SshAgent(endpoint.IdentityAgent).KeysAsync(stop)).FirstOrDefault(key => key.IsOf(file));
        return Load(file, Certificate(file, endpoint), out var why) ?? (IPrivateKeySource?)held ?? throw Unusable(name, file, why);
    }

    private static async Task<(IReadOnlyList<IPrivateKeySource> Sources, IReadOnlyList<string> PassedOver)> OwnAsync(SshEndpoint endpoint, CancellationToken stop)
    {
        var files = endpoint.Identities.Count > 0 ? endpoint.Identities : endpoint.HasDefaultIdentities ? [.. Defaults.Select(SshFolder.Of)] : [];
        // A server counts tries: the keys that are meant for this host come first.
        var held = (await new SshAgent(endpoint.IdentityAgent).KeysAsync(stop)).ToLookup(key => files.Any(file => key.IsOf(file)));
        var sources = new List<IPrivateKeySource>(endpoint.IdentitiesOnly ? held[true] : held[true].Concat(held[false]));
        var passedOver = new List<string>();
        foreach (var file in files.Where(file => File.Exists(file) && !held[true].Any(key => key.IsOf(file))))
        {
            if (Load(file, Certificate(file, endpoint), out var error) is { } key)
            {
                sources.Add(key);
                continue;
            }
            var (why, next) = Reason(file, error);
            passedOver.Add($"{why} ({next})");
        }
        return (sources, passedOver);
    }

    /// <summary>The certificate of a key: of those that are named, or else of that beside it, the one that was made for it.</summary>
    private static string? Certificate(string file, SshEndpoint endpoint)
    {
        IReadOnlyList<string> candidates = endpoint.CertificateFiles.Count > 0 ? endpoint.CertificateFiles : [file + "-cert.pub"];
        return candidates.FirstOrDefault(certificate => File.Exists(certificate) && Load(file, certificate, out _) is not null);
    }

    /// <summary>The key in a file with its certificate, or why there is none.</summary>
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
        FileNotFoundException or DirectoryNotFoundException => ($"the key {file} does not exist", "Give the path of a private key."),
        SshPassPhraseNullOrEmptyException => ($"the key {file} is encrypted", $"Hand it to your agent: ssh-add '{file}'"),
        _ => ($"the key {file} cannot be read as a private key", "Give a key in OpenSSH or PEM format that you may read."),
    };

    private static IEnumerable<AuthenticationMethod> WithPassword(string user, NetworkCredential password)
    {
        yield return new PasswordAuthenticationMethod(user, password.Password);
        var asked = new KeyboardInteractiveAuthenticationMethod(user);
        asked.AuthenticationPrompt += (_, questions) =>
        {
            foreach (var question in questions.Prompts)
                question.Response = question.IsEchoed ? "" : password.Password;
        };
        yield return asked;
    }

    /// <summary>A key from a file. RSA keys come without their SHA-1 signature: each one offered counts as a try, and servers allow six.</summary>
    private sealed class FileKey(PrivateKeyFile file) : IPrivateKeySource
    {
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; } = [.. file.HostKeyAlgorithms.Where(algorithm => algorithm.Name is not ("ssh-rsa" or "ssh-rsa-cert-v01@openssh.com"))];
    }
}
