using System.Net;
using KubeLab.Engine.Flow;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace KubeLab.Engine.Remote;

/// <summary>What a login is tried with.</summary>
/// <param name="Methods">In the order they are tried.</param>
internal sealed record SshKeys(IReadOnlyList<AuthenticationMethod> Methods)
{
    private static readonly string[] Defaults = ["id_ed25519", "id_ecdsa", "id_rsa"];

    /// <summary>The keys and password for an endpoint: what it names, and if it names nothing the agent's keys and the user's own.</summary>
    /// <exception cref="KlException">AuthenticationFailed: the key it names cannot be read.</exception>
    public static async Task<SshKeys> OfAsync(string name, SshEndpoint endpoint, CancellationToken stop)
    {
        var sources = new List<IPrivateKeySource>();
        if (endpoint.IdentityFile is { } file)
            sources.Add(Load(file) ?? await AgentKeyOfAsync(file, stop) ?? throw Unusable(name, file));
        else if (endpoint.Password is null)
            sources.AddRange(await OwnAsync(endpoint, stop));
        var methods = new List<AuthenticationMethod>();
        if (sources.Count > 0)
            methods.Add(new PrivateKeyAuthenticationMethod(endpoint.User, [.. sources]));
        if (endpoint.Password is { } password)
            methods.AddRange(WithPassword(endpoint.User, password));
        return new(methods.Count > 0 ? methods : [new NoneAuthenticationMethod(endpoint.User)]);
    }

    private static async Task<IEnumerable<IPrivateKeySource>> OwnAsync(SshEndpoint endpoint, CancellationToken stop)
    {
        var files = endpoint.Identities.Count > 0 ? endpoint.Identities : [.. Defaults.Select(SshFolder.Of)];
        files = [.. files.Where(File.Exists)];
        IReadOnlyList<AgentKey> held = await SshAgent.KeysAsync(stop);
        if (endpoint.IdentitiesOnly)
            held = [.. held.Where(key => files.Any(file => key.IsOf(file)))];
        return held.Cast<IPrivateKeySource>().Concat(files.Where(file => !held.Any(key => key.IsOf(file))).Select(Load).OfType<IPrivateKeySource>());
    }

    private static async Task<IPrivateKeySource?> AgentKeyOfAsync(string file, CancellationToken stop) =>
        (await SshAgent.KeysAsync(stop)).FirstOrDefault(key => key.IsOf(file));

    private static FileKey? Load(string file) => Load(file, out _);

    /// <summary>The key in a file, or why there is none.</summary>
    private static FileKey? Load(string file, out Exception? why)
    {
        try
        {
            why = null;
            return new(new PrivateKeyFile(file));
        }
        catch (Exception error) when (error is SshException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            why = error;
            return null;
        }
    }

    private static KlException Unusable(string name, string file)
    {
        Load(file, out var error);
        var (why, then) = error switch
        {
            FileNotFoundException or DirectoryNotFoundException => ("does not exist", "Give the path of a private key."),
            SshPassPhraseNullOrEmptyException => ("is encrypted", $"Hand it to your agent: ssh-add '{file}'"),
            _ => ("cannot be read as a private key", "Give a key in OpenSSH or PEM format that you may read."),
        };
        return new("AuthenticationFailed", KlErrorKind.Denied, name, $"{name}: the key {file} {why}.", then, error);
    }

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
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; } = [.. file.HostKeyAlgorithms.Where(algorithm => algorithm.Name != "ssh-rsa")];
    }
}
