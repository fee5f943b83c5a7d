using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Tests.Nodes.Certificates;

/// <summary>Certificates in PEM format for tests of nodes.</summary>
internal static class NodePem
{
    public const string Key = "-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END PRIVATE KEY-----\n";

    /// <summary>A certificate that the authority "kubernetes" issued.</summary>
    public static string Certificate(string subject, DateTimeOffset start, DateTimeOffset end)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new X500DistinguishedName("CN=kubernetes");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using var made = request.Create(authority, X509SignatureGenerator.CreateForECDsa(authorityKey), start, end, Guid.NewGuid().ToByteArray());
        return made.ExportCertificatePem() + "\n";
    }

    /// <summary>A self-signed authority.</summary>
    public static string Authority(string subject, DateTimeOffset start, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(start, end);
        return made.ExportCertificatePem() + "\n";
    }

    /// <summary>The Base64 data of a certificate.</summary>
    public static string Data(string pem) =>
        string.Concat(pem.Split('\n').Where(line => !line.StartsWith("-----", StringComparison.Ordinal)));

    /// <summary>A kubeconfig with a client certificate and its key.</summary>
    public static string Config(string pem) =>
        $"apiVersion: v1\nusers:\n- name: admin\n  user:\n    client-certificate-data: {Base64(pem)}\n    client-key-data: {Base64(Key)}\n";

    public static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
}
