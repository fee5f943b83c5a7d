using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Engine.Nodes.Certificates;

/// <summary>Reads the output of Scripts/certificates.sh. Nothing in it is trusted.</summary>
internal static class CertificateReader
{
    // As in the script.
    private const int MaxCertificates = 500;
    private const int MaxLength = 60_000;
    private const string Pki = "/etc/kubernetes/pki/", Trusted = "/etc/containerd/certs.d/";
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    /// <summary>The certificates, those that expire first before others.</summary>
    public static IReadOnlyList<KlCertificate> Read(string node, IReadOnlyDictionary<string, string> facts, DateTimeOffset now) =>
    [
        .. Enumerable.Range(1, MaxCertificates).Select(number => facts.GetValueOrDefault($"{number}")?.Split(' ', 2)).OfType<string[]>()
            .Select(parts => Read(parts[0], Described(node, facts, parts.ElementAtOrDefault(1) ?? ""), now))
            .OrderBy(one => one.NotAfter).ThenBy(one => one.File, StringComparer.Ordinal),
    ];

    private static KlCertificate Described(string node, IReadOnlyDictionary<string, string> facts, string file) => new()
    {
        Node = node,
        Cluster = facts.GetValueOrDefault("cluster") is { Length: > 0 } cluster ? cluster : null,
        Name = NameOf(file),
        File = file,
        Status = KlCertificateStatus.Unreadable,
    };

    private static KlCertificate Read(string data, KlCertificate certificate, DateTimeOffset now)
    {
        if (data == "-")
            return certificate with { Problem = "The file contains no certificate, or an incomplete one." };
        if (data.Length > MaxLength || !Base64.IsValid(data))
            return certificate with { Problem = "The file contains a certificate with invalid Base64 data." };
        try
        {
            using var read = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(data));
            var (start, end) = (read.NotBefore.ToUniversalTime(), read.NotAfter.ToUniversalTime());
            return certificate with
            {
                Subject = read.Subject,
                Issuer = read.Issuer,
                Authority = read.GetNameInfo(X509NameType.SimpleName, forIssuer: true),
                IsAuthority = read.Extensions.OfType<X509BasicConstraintsExtension>().Any(one => one.CertificateAuthority),
                SerialNumber = read.SerialNumber,
                NotBefore = start,
                NotAfter = end,
                DaysLeft = (int)Math.Floor((end - now.UtcDateTime).TotalDays),
                Status = end <= now.UtcDateTime ? KlCertificateStatus.Expired
                    : start > now.UtcDateTime ? KlCertificateStatus.NotYetValid
                    : end - now.UtcDateTime < Soon ? KlCertificateStatus.Expiring : KlCertificateStatus.Valid,
            };
        }
        catch (Exception error) when (error is CryptographicException or FormatException or ArgumentException)
        {
            return certificate with { Problem = $"The file contains an invalid certificate: {error.Message}" };
        }
    }

    // kubeadm's names are those of the files, without the folder and the extension.
    private static string NameOf(string file) =>
        file.StartsWith(Pki, StringComparison.Ordinal) ? Path.ChangeExtension(file[Pki.Length..], null)
        : file.StartsWith(Trusted, StringComparison.Ordinal) ? $"registry-ca {file.Split('/')[^2]}"
        : file == "/etc/kubelab/registry/tls.crt" ? "registry"
        : Path.GetExtension(file) == ".conf" ? Path.GetFileName(file)
        : Path.GetFileNameWithoutExtension(file);
}
