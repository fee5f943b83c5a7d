using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Engine.Images;

/// <summary>A certificate and its private key in PEM format.</summary>
internal sealed record KeyedCertificate(string Certificate, string Key)
{
    /// <summary>The certificate without the key.</summary>
    public override string ToString() => Certificate;
}

/// <summary>The certificates of a registry: a dedicated CA and a server certificate, ECDSA P-256.</summary>
internal static class RegistryCertificates
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan RenewBefore = 180 * Day;

    /// <summary>Creates a CA that is valid for ten years.</summary>
    public static KeyedCertificate CreateAuthority(string cluster, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=kubelab registry CA of {cluster}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        // Valid since yesterday, because the clock of a node may be behind.
        using var certificate = request.CreateSelfSigned(now - Day, now + 3650 * Day);
        return new(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Creates a server certificate that is valid for five years, or as long as its CA.</summary>
    public static KeyedCertificate Sign(KeyedCertificate authority, IPAddress address, string name, DateTimeOffset now)
    {
        using var issuer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        names.AddDnsName(name);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false)); // serverAuth
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        request.CertificateExtensions.Add(names.Build());
        var end = new DateTimeOffset(Math.Min((now + 1825 * Day).UtcTicks, issuer.NotAfter.ToUniversalTime().Ticks), TimeSpan.Zero);
        using var certificate = request.Create(issuer, now - Day, end, RandomNumberGenerator.GetBytes(16));
        return new(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Whether a CA does not expire soon.</summary>
    public static bool IsValidAuthority(KeyedCertificate authority, DateTimeOffset now)
    {
        using var certificate = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key);
        return certificate.NotAfter > (now + RenewBefore).LocalDateTime;
    }

    /// <summary>Whether a server certificate is signed by the CA, matches the names and does not expire soon.</summary>
    public static bool IsValid(KeyedCertificate server, KeyedCertificate authority, IPAddress address, string name, DateTimeOffset now)
    {
        using var certificate = X509Certificate2.CreateFromPem(server.Certificate, server.Key);
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = now.UtcDateTime,
            },
        };
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authority.Certificate);
        return certificate.NotAfter > (now + RenewBefore).LocalDateTime && chain.Build(certificate)
            && certificate.MatchesHostname(address.ToString()) && certificate.MatchesHostname(name);
    }
}
