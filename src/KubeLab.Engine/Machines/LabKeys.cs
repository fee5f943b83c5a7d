using System.Security.Cryptography;
using System.Text;
using KubeLab.Engine.Remote;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;

namespace KubeLab.Engine.Machines;

/// <summary>The key pair of each lab and the host keys of its machines: a folder a lab, as OpenSSH wants them.</summary>
/// <param name="root">Holds the labs' folders.</param>
/// <param name="clock">Time.</param>
/// <remarks>LAB/id_ed25519, LAB/id_ed25519.pub (sshd's AUTHORIZED_KEYS format), LAB/known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT";
/// machines stand there by name, which is their HostKeyAlias).</remarks>
public sealed class LabKeys(string root, TimeProvider clock)
{
    /// <summary>kubelab under the user's data folder: $XDG_DATA_HOME or ~/.local/share; elsewhere the system's own place for it.</summary>
    public static string DefaultRoot { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "kubelab");

    /// <summary>How a machine that lets the lab's key in is reached.</summary>
    public SshEndpoint Endpoint(string lab, string machine, string host, int port) => new(host, port, "root")
    {
        IdentityFile = Path.Combine(root, lab, "id_ed25519"),
        KnownHostsFile = Path.Combine(root, lab, "known_hosts"),
        HostKeyAlias = machine,
    };

    /// <summary>The public key of a lab, as a line of authorized_keys. The pair is made at the first call.</summary>
    public async Task<string> PublicKeyAsync(string lab, CancellationToken stop)
    {
        using var held = await LockAsync(stop);
        var path = Path.Combine(root, lab, "id_ed25519");
        PrivateFile.MakeFolder(Path.Combine(root, lab));
        if (!File.Exists(path))
            await PrivateFile.WriteAsync(path, MakePrivateKey(new(new SecureRandom())), stop);
        if (!File.Exists(path + ".pub"))
            await PrivateFile.WriteAsync(path + ".pub", PublicLine(await File.ReadAllTextAsync(path, stop), $"kubelab-{lab}") + "\n", stop);
        return (await File.ReadAllTextAsync(path + ".pub", stop)).Trim();
    }

    /// <summary>The host key that a machine is given: the same whenever it is asked for, so that a machine that was made while nobody could remember it is known all the same.</summary>
    /// <returns>The private key in OpenSSH's format, and the public one as in "ssh-ed25519 AAAA...".</returns>
    public async Task<(string Private, string Public)> HostKeyAsync(string lab, string machine, CancellationToken stop)
    {
        await PublicKeyAsync(lab, stop);
        var secret = Seed(await File.ReadAllTextAsync(Path.Combine(root, lab, "id_ed25519"), stop)).GetEncoded();
        var key = MakePrivateKey(new(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Encoding.UTF8.GetBytes($"host key of {machine}"))));
        return (key, PublicLine(key, "").TrimEnd());
    }

    /// <summary>Whether the lab has its private key and the host key of a machine.</summary>
    public bool Knows(string lab, string machine) =>
        File.Exists(Path.Combine(root, lab, "id_ed25519")) && Read(lab).Any(line => IsOf(line, machine));

    /// <summary>Remembers the host key of a machine, in place of any it had.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="hostKey">Type and key, as in "ssh-ed25519 AAAA...".</param>
    /// <param name="stop">Ends it.</param>
    public async Task LearnAsync(string lab, string machine, string hostKey, CancellationToken stop)
    {
        using var held = await LockAsync(stop);
        PrivateFile.MakeFolder(Path.Combine(root, lab));
        await WriteAsync(lab, Read(lab).Where(line => !IsOf(line, machine)).Append($"{machine} {hostKey}"), stop);
    }

    /// <summary>Forgets a machine, and the whole lab with its last one.</summary>
    public Task ForgetAsync(string lab, string machine, bool isLast, CancellationToken stop) =>
        ForgetAsync(lab, machine, _ => Task.FromResult<IReadOnlyCollection<string>>(isLast ? [] : [""]), stop);

    /// <summary>Forgets a machine unless it is there again, and the whole lab with its last one.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="left">The machines that the lab has. It is asked while no key can be made or learned, so that a machine that is made meanwhile keeps its keys.</param>
    /// <param name="stop">Ends it.</param>
    public async Task ForgetAsync(string lab, string machine, Func<CancellationToken, Task<IReadOnlyCollection<string>>> left, CancellationToken stop)
    {
        if (!Directory.Exists(Path.Combine(root, lab)))
            return;
        using var held = await LockAsync(stop);
        if (!Directory.Exists(Path.Combine(root, lab)))
            return;
        var others = await left(stop);
        if (others.Count == 0)
            Directory.Delete(Path.Combine(root, lab), recursive: true);
        else if (!others.Contains(machine))
            await WriteAsync(lab, Read(lab).Where(line => !IsOf(line, machine)), stop);
    }

    /// <summary>Waits until no other process of this user does such work, and keeps them from it until it is disposed.</summary>
    internal Task<IDisposable> LockAsync(CancellationToken stop, string file = ".lock")
    {
        PrivateFile.MakeFolder(root);
        return PrivateFile.LockAsync(Path.Combine(root, file), clock, stop);
    }

    private Task WriteAsync(string lab, IEnumerable<string> lines, CancellationToken stop) =>
        PrivateFile.WriteAsync(Path.Combine(root, lab, "known_hosts"), string.Concat(lines.Select(line => line + "\n")), stop);

    private string[] Read(string lab) =>
        Path.Combine(root, lab, "known_hosts") is var path && File.Exists(path) ? File.ReadAllLines(path) : [];

    private static bool IsOf(string line, string machine) => line.StartsWith(machine + " ", StringComparison.Ordinal);

    private static string MakePrivateKey(Ed25519PrivateKeyParameters secret)
    {
        var key = OpenSshPrivateKeyUtilities.EncodePrivateKey(secret);
        var text = Convert.ToBase64String(key).Chunk(70).Aggregate(new StringBuilder(), (all, line) => all.Append(line).Append('\n'));
        return $"-----BEGIN OPENSSH PRIVATE KEY-----\n{text}-----END OPENSSH PRIVATE KEY-----\n";
    }

    private static string PublicLine(string privateKey, string comment)
    {
        var pair = Seed(privateKey);
        return $"ssh-ed25519 {Convert.ToBase64String(OpenSshPublicKeyUtilities.EncodePublicKey(pair.GeneratePublicKey()))} {comment}";
    }

    private static Ed25519PrivateKeyParameters Seed(string privateKey) => (Ed25519PrivateKeyParameters)OpenSshPrivateKeyUtilities.ParsePrivateKeyBlob(
        Convert.FromBase64String(string.Concat(privateKey.Split('\n').Where(line => !line.StartsWith('-')))));
}
