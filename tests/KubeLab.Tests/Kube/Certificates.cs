using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Tests.Kube;

/// <summary>A certificate authority for one test.</summary>
internal sealed class Certificates
{
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    public Certificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Authority = request.CreateSelfSigned(_now.AddDays(-100), _now.AddDays(100));
    }

    public X509Certificate2 Authority { get; }

    public string AuthorityData => Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(Authority.ExportCertificatePem()));

    /// <summary>Creates a certificate for names that is valid for some days.</summary>
    public X509Certificate2 Make(int days = 50, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + (names.FirstOrDefault() ?? "client"), key, HashAlgorithmName.SHA256);
        var san = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            if (IPAddress.TryParse(name, out var address))
                san.AddIpAddress(address);
            else
                san.AddDnsName(name);
        if (names.Length > 0)
            request.CertificateExtensions.Add(san.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(names.Length > 0 ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        using var made = request.Create(Authority, _now.AddDays(-90), _now.AddDays(days), Guid.NewGuid().ToByteArray());
        using var whole = made.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A certificate and its key as the user of a kubeconfig.</summary>
    public static string User(X509Certificate2 certificate)
    {
        static string Data(string pem) => Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem));
        return $"client-certificate-data: {Data(certificate.ExportCertificatePem())}, client-key-data: "
            + $"{Data(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())}";
    }
}
