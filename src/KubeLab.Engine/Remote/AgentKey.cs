using Renci.SshNet;
using Renci.SshNet.Security;

namespace KubeLab.Engine.Remote;

/// <summary>A key in the ssh-agent. The agent signs with it.</summary>
/// <param name="agent">The agent.</param>
/// <param name="blob">The public key, or a certificate.</param>
/// <param name="type">Its type.</param>
internal sealed class AgentKey(SshAgent agent, byte[] blob, string type) : IPrivateKeySource
{
    private const int RsaSha256 = 2;
    private const int RsaSha512 = 4;

    /// <inheritdoc/>
    public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; } = type switch
    {
        "ssh-rsa" => [new Algorithm(agent, "rsa-sha2-512", blob, RsaSha512), new Algorithm(agent, "rsa-sha2-256", blob, RsaSha256)],
        "ssh-rsa-cert-v01@openssh.com" =>
        [
            new Algorithm(agent, "rsa-sha2-512-cert-v01@openssh.com", blob, RsaSha512),
            new Algorithm(agent, "rsa-sha2-256-cert-v01@openssh.com", blob, RsaSha256),
        ],
        _ => [new Algorithm(agent, type, blob, 0)],
    };

    /// <summary>Whether this is the key of a private key file or its certificate, according to the .pub files beside it.</summary>
    public bool Matches(string file) =>
        file.EndsWith(".pub", StringComparison.Ordinal) ? IsInFile(file) : IsInFile(file + ".pub") || IsInFile(file + "-cert.pub");

    private bool IsInFile(string file)
    {
        try
        {
            return File.ReadAllText(file).Split(' ') is [_, var key, ..] && key.Trim() == Convert.ToBase64String(blob);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed class Algorithm(SshAgent agent, string name, byte[] blob, int flags) : HostAlgorithm(name)
    {
        public override byte[] Data => blob;

        // SSH.NET calls this on a thread that may block.
        public override byte[] Sign(byte[] data) => agent.SignAsync(blob, data, flags).GetAwaiter().GetResult();

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException();
    }
}
