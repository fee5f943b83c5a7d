using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A client certificate with its intermediate certificates, which a server may need.</summary>
internal static class ClientCertificate
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string Ec = "1.2.840.10045.2.1";

    /// <param name="certificates">The certificate, then its intermediate certificates; PEM.</param>
    /// <param name="key">The private key; PEM: PKCS#8, PKCS#1 or SEC 1.</param>
    /// <exception cref="CryptographicException">They cannot be used. The message contains the reason.</exception>
    public static SslStreamCertificateContext Read(string certificates, string key)
    {
        var all = Certificates(certificates, "The client certificate");
        var algorithm = all[0].GetKeyAlgorithm();
        if (algorithm is not (Rsa or Ec))
            throw new CryptographicException(
                $"The client certificate has {Named(algorithm)} key, which .NET's TLS does not support. Use a certificate with an ECDSA or RSA key.");
        if (key.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) || key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw new CryptographicException(
                "The client key is encrypted, and a kubeconfig cannot contain its passphrase. Decrypt it with: openssl pkey -in ENCRYPTED -out PLAIN");
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new CryptographicException("The client key is not a PEM private key.");
        return SslStreamCertificateContext.Create(WithKey(all[0], key), [.. all.Skip(1)], offline: true);
    }

    /// <summary>All certificates of a PEM text, at least one.</summary>
    public static X509Certificate2Collection Certificates(string pem, string what)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        return all.Count > 0 ? all : throw new CryptographicException($"{what} is not a PEM certificate.");
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, string key)
    {
        try
        {
            var combined = X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);
            if (!OperatingSystem.IsWindows())
                return combined;
            // Windows' TLS does not accept ephemeral keys.
            using (combined)
                return X509CertificateLoader.LoadPkcs12(combined.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new CryptographicException($"The client key cannot be read, or does not belong to the client certificate: {error.Message}", error);
        }
    }

    private static string Named(string algorithm) => algorithm switch
    {
        "1.3.101.112" => "an Ed25519",
        "1.3.101.113" => "an Ed448",
        _ => $"a {new Oid(algorithm).FriendlyName ?? algorithm}",
    };
}
