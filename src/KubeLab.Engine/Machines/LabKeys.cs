using System.Security.Cryptography;
using System.Text;
using KubeLab.Engine.Remote;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;

namespace KubeLab.Engine.Machines;

/// <summary>The key pair of each lab and the host keys of its machines: one folder per lab, in OpenSSH's formats.</summary>
/// <param name="root">The parent of the labs' folders.</param>
/// <param name="clock">The clock.</param>
/// <remarks>LAB/id_ed25519, LAB/id_ed25519.pub (sshd's AUTHORIZED_KEYS format), LAB/known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT";
/// machines are listed by name, which is their HostKeyAlias).</remarks>
public sealed class LabKeys(string root, TimeProvider clock)
{
    /// <summary>kubelab in the user's data folder: $XDG_DATA_HOME or ~/.local/share, or the system's equivalent.</summary>
    public static string DefaultRoot { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "kubelab");

    /// <summary>The SSH endpoint of a machine that accepts the lab's key.</summary>
    public SshEndpoint Endpoint(string lab, string machine, string host, int port) => new(host, port, "root")
    {
        IdentityFile = Path.Combine(root, lab, "id_ed25519"),
        KnownHostsFile = Path.Combine(root, lab, "known_hosts"),
        HostKeyAlias = machine,
    };

    /// <summary>The public key of a lab, as a line of authorized_keys. The first call creates the key pair.</summary>
    public async Task<string> PublicKeyAsync(string lab, CancellationToken stop)
    {
        using var held = await LockAsync(stop);
        var path = Path.Combine(root, lab, "id_ed25519");
        PrivateFile.CreateFolder(Path.Combine(root, lab));
        if (!File.Exists(path))
            await PrivateFile.WriteAsync(path, FormatPrivateKey(new(new SecureRandom())), stop);
        if (!File.Exists(path + ".pub"))
            await PrivateFile.WriteAsync(path + ".pub", PublicLine(await File.ReadAllTextAsync(path, stop), $"kubelab-{lab}") + "\n", stop);
        return (await File.ReadAllTextAsync(path + ".pub", stop)).Trim();
    }

    /// <summary>Derives the host key of a new machine. The result is always the same, so that a machine is recognized even if its creation was
    /// interrupted before the key was stored.</summary>
    /// <returns>The private key in OpenSSH's format, and the public key as in "ssh-ed25519 AAAA...".</returns>
    public async Task<(string Private, string Public)> HostKeyAsync(string lab, string machine, CancellationToken stop)
    {
        await PublicKeyAsync(lab, stop);
        var secret = Seed(await File.ReadAllTextAsync(Path.Combine(root, lab, "id_ed25519"), stop)).GetEncoded();
        var key = FormatPrivateKey(new(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Encoding.UTF8.GetBytes($"host key of {machine}"))));
        return (key, PublicLine(key, "").TrimEnd());
    }

    /// <summary>Whether the lab has its private key and the host key of a machine.</summary>
    public bool HasKeys(string lab, string machine) =>
        File.Exists(Path.Combine(root, lab, "id_ed25519")) && Read(lab).Any(line => IsKeyOf(line, machine));

    /// <summary>Stores the host key of a machine, replacing any previous key.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="hostKey">Type and key, as in "ssh-ed25519 AAAA...".</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task StoreAsync(string lab, string machine, string hostKey, CancellationToken stop)
    {
        using var held = await LockAsync(stop);
        PrivateFile.CreateFolder(Path.Combine(root, lab));
        await WriteAsync(lab, Read(lab).Where(line => !IsKeyOf(line, machine)).Append($"{machine} {hostKey}"), stop);
    }

    /// <summary>Removes a machine's host key, and the lab's folder with its last machine.</summary>
    public Task RemoveAsync(string lab, string machine, bool isLast, CancellationToken stop) =>
        RemoveAsync(lab, machine, _ => Task.FromResult<IReadOnlyCollection<string>>(isLast ? [] : [""]), stop);

    /// <summary>Removes a machine's host key unless the machine exists again, and the lab's folder with its last machine.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="left">Reads the names of the lab's remaining machines. It runs under the lock for keys, so that a machine that is created at the same
    /// time keeps its keys.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async Task RemoveAsync(string lab, string machine, Func<CancellationToken, Task<IReadOnlyCollection<string>>> left, CancellationToken stop)
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
            await WriteAsync(lab, Read(lab).Where(line => !IsKeyOf(line, machine)), stop);
    }

    /// <summary>Waits for the lock of this user's processes, and holds it until disposed.</summary>
    internal Task<IDisposable> LockAsync(CancellationToken stop, string file = ".lock")
    {
        PrivateFile.CreateFolder(root);
        return PrivateFile.LockAsync(Path.Combine(root, file), clock, stop);
    }

    private Task WriteAsync(string lab, IEnumerable<string> lines, CancellationToken stop) =>
        PrivateFile.WriteAsync(Path.Combine(root, lab, "known_hosts"), string.Concat(lines.Select(line => line + "\n")), stop);

    private string[] Read(string lab) =>
        Path.Combine(root, lab, "known_hosts") is var path && File.Exists(path) ? File.ReadAllLines(path) : [];

    private static bool IsKeyOf(string line, string machine) => line.StartsWith(machine + " ", StringComparison.Ordinal);

    private static string FormatPrivateKey(Ed25519PrivateKeyParameters secret)
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
