using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The credentials for joining a cluster. They are short-lived and never shown.</summary>
/// <param name="Server">The host:port of the API server for nodes.</param>
/// <param name="Token">The bootstrap token.</param>
/// <param name="CaHash">The hash of the cluster CA's public key: sha256:HEX.</param>
internal sealed record JoinSecret(string Server, string Token, string CaHash)
{
    /// <summary>The key of the certificates that a control plane downloads, or null for a worker.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>The server without the token.</summary>
    public override string ToString() => Server;

    /// <summary>The hash of a CA certificate: SHA-256 of its SubjectPublicKeyInfo (kubeadm join --discovery-token-ca-cert-hash).</summary>
    public static string HashOf(string certificatePem)
    {
        using var certificate = X509Certificate2.CreateFromPem(certificatePem);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Creates a key in the format of kubeadm: 32 bytes in hexadecimal digits, for AES.</summary>
    public static string NewCertificateKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Creates a token in the format of kubeadm: 6 and 16 characters of a-z0-9.</summary>
    public static string NewToken()
    {
        const string letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        return $"{RandomNumberGenerator.GetString(letters, 6)}.{RandomNumberGenerator.GetString(letters, 16)}";
    }
}
