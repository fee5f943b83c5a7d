using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Engine.Bootstrap;

/// <summary>What a machine needs to join a cluster: short-lived, never shown.</summary>
/// <param name="Server">The API server as the nodes reach it, host:port.</param>
/// <param name="Token">A bootstrap token.</param>
/// <param name="CaHash">The cluster CA's public key, pinned: sha256:HEX.</param>
internal sealed record JoinSecret(string Server, string Token, string CaHash)
{
    /// <summary>The server alone; a record would print its token.</summary>
    public override string ToString() => Server;

    /// <summary>The pin of a CA certificate: SHA-256 over its SubjectPublicKeyInfo (kubeadm join --discovery-token-ca-cert-hash).</summary>
    public static string HashOf(string certificatePem)
    {
        using var certificate = X509Certificate2.CreateFromPem(certificatePem);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>A new token of the form that kubeadm wants: six and sixteen of a-z0-9.</summary>
    public static string NewToken()
    {
        const string letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        return $"{RandomNumberGenerator.GetString(letters, 6)}.{RandomNumberGenerator.GetString(letters, 16)}";
    }
}
