using System.Text;
using KubeLab.Engine.Remote;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;

namespace KubeLab.Engine.Machines;

/// <summary>The key pair of each lab and the host keys of its machines: a folder a lab, as OpenSSH wants them.</summary>
/// <param name="root">Holds the labs' folders.</param>
/// <remarks>LAB/id_ed25519, LAB/id_ed25519.pub (sshd's AUTHORIZED_KEYS format), LAB/known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT";
/// machines stand there by name, which is their HostKeyAlias).</remarks>
public sealed class LabKeys(string root)
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
        var path = Path.Combine(root, lab, "id_ed25519");
        if (File.Exists(path) && File.Exists(path + ".pub"))
            return (await File.ReadAllTextAsync(path + ".pub", stop)).Trim();
        PrivateFile.MakeFolder(Path.Combine(root, lab));
        // Whoever moves it into place first wins; the public half is always read off the private one that stayed.
        await PrivateFile.WriteAsync(path, MakePrivateKey(), replace: false, stop);
        var line = PublicLine(await File.ReadAllTextAsync(path, stop), $"kubelab-{lab}");
        await PrivateFile.WriteAsync(path + ".pub", line + "\n", replace: true, stop);
        return line;
    }

    /// <summary>Whether the lab has its private key and the host key of a machine.</summary>
    public bool Knows(string lab, string machine) =>
        File.Exists(Path.Combine(root, lab, "id_ed25519")) && Read(lab).Any(line => IsOf(line, machine));

    /// <summary>Remembers the host key of a machine, in place of any it had.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="hostKey">Type and key, as in "ssh-ed25519 AAAA...".</param>
    /// <param name="stop">Ends it.</param>
    public Task LearnAsync(string lab, string machine, string hostKey, CancellationToken stop) =>
        ChangeAsync(lab, lines => lines.Where(line => !IsOf(line, machine)).Append($"{machine} {hostKey}"), stop);

    /// <summary>Forgets a machine.</summary>
    public Task ForgetAsync(string lab, string machine, CancellationToken stop) =>
        Directory.Exists(Path.Combine(root, lab)) ? ChangeAsync(lab, lines => lines.Where(line => !IsOf(line, machine)), stop) : Task.CompletedTask;

    /// <summary>Removes the lab's folder. Absent is done.</summary>
    public void Remove(string lab)
    {
        if (Directory.Exists(Path.Combine(root, lab)))
            Directory.Delete(Path.Combine(root, lab), recursive: true);
    }

    private async Task ChangeAsync(string lab, Func<IReadOnlyList<string>, IEnumerable<string>> change, CancellationToken stop)
    {
        PrivateFile.MakeFolder(Path.Combine(root, lab));
        using var held = await PrivateFile.LockAsync(Path.Combine(root, lab, ".lock"), stop);
        var before = Read(lab);
        var after = change(before).ToList();
        if (!after.SequenceEqual(before))
            await PrivateFile.WriteAsync(Path.Combine(root, lab, "known_hosts"), string.Concat(after.Select(line => line + "\n")), replace: true, stop);
    }

    private string[] Read(string lab) =>
        Path.Combine(root, lab, "known_hosts") is var path && File.Exists(path) ? File.ReadAllLines(path) : [];

    private static bool IsOf(string line, string machine) => line.StartsWith(machine + " ", StringComparison.Ordinal);

    private static string MakePrivateKey()
    {
        var key = OpenSshPrivateKeyUtilities.EncodePrivateKey(new Ed25519PrivateKeyParameters(new SecureRandom()));
        var text = Convert.ToBase64String(key).Chunk(70).Aggregate(new StringBuilder(), (all, line) => all.Append(line).Append('\n'));
        return $"-----BEGIN OPENSSH PRIVATE KEY-----\n{text}-----END OPENSSH PRIVATE KEY-----\n";
    }

    private static string PublicLine(string privateKey, string comment)
    {
        var blob = Convert.FromBase64String(string.Concat(privateKey.Split('\n').Where(line => !line.StartsWith('-'))));
        var pair = (Ed25519PrivateKeyParameters)OpenSshPrivateKeyUtilities.ParsePrivateKeyBlob(blob);
        return $"ssh-ed25519 {Convert.ToBase64String(OpenSshPublicKeyUtilities.EncodePublicKey(pair.GeneratePublicKey()))} {comment}";
    }
}
