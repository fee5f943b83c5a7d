using Renci.SshNet;
using Renci.SshNet.Security;

namespace KubeLab.Engine.Remote;

/// <summary>A key that the agent holds and signs with.</summary>
/// <param name="blob">The public key.</param>
/// <param name="type">Its type.</param>
internal sealed class AgentKey(byte[] blob, string type) : IPrivateKeySource
{
    private const int RsaSha256 = 2;
    private const int RsaSha512 = 4;

    /// <inheritdoc/>
    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; } = type == "ssh-rsa"
        ? [new Algorithm("rsa-sha2-512", blob, RsaSha512), new Algorithm("rsa-sha2-256", blob, RsaSha256)]
        : [new Algorithm(type, blob, 0)];

    /// <summary>Whether it is the key of a private key file, judged by the public key beside it.</summary>
    public bool IsOf(string file)
    {
        try
        {
            return File.ReadAllText(file.EndsWith(".pub", StringComparison.Ordinal) ? file : file + ".pub").Split(' ') is [_, var key, ..]
                && key.Trim() == Convert.ToBase64String(blob);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed class Algorithm(string name, byte[] blob, int flags) : HostAlgorithm(name)
    {
        public override byte[] Data => blob;

        // SSH.NET asks on a thread that may wait.
        public override byte[] Sign(byte[] data) => SshAgent.SignAsync(blob, data, flags).GetAwaiter().GetResult();

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException();
    }
}
