using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Engine.Kube.Config;

/// <summary>Verifies a server's certificate like Go's crypto/tls does for kubectl: if the kubeconfig contains certificate authorities, only those are
/// trusted, and the name must always match.</summary>
/// <param name="clock">The clock.</param>
/// <param name="authorities">The kubeconfig's certificate authorities, or null: those of the system.</param>
/// <param name="acceptsAny">The kubeconfig has insecure-skip-tls-verify.</param>
/// <remarks>The package's own verification ignores the name if the kubeconfig contains an authority.</remarks>
internal sealed class ServerTrust(TimeProvider clock, X509Certificate2Collection? authorities, bool acceptsAny = false)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Why the last certificate was rejected, or null.</summary>
    public string? Rejection { get; private set; }

    /// <summary>Verifies a server's certificate.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Rejection = acceptsAny ? null : certificate is X509Certificate2 presented
            ? RejectionReason((sender as SslStream)?.TargetHostName, presented, chain, errors)
            : "it sent no certificate.";
        return Rejection is null;
    }

    private string? RejectionReason(string? name, X509Certificate2 presented, X509Chain? sent, SslPolicyErrors errors)
    {
        if (presented.NotAfter.ToUniversalTime() < clock.GetUtcNow().UtcDateTime)
            return $"it expired on {presented.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"it is valid for {string.Join(", ", Names(presented))}, not for {name}.";
        if (authorities is null)
            return errors == SslPolicyErrors.None ? null : $"its issuer, {presented.Issuer}, is not trusted by this computer: {StatusOf(sent)}";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // An authority does not have to be self-signed, but one of them must be in the chain.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(authorities);
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        if (!chain.Build(presented))
            return $"it is invalid: {StatusOf(chain)}";
        return chain.ChainElements.Any(one => authorities.Any(trusted => trusted.RawData.AsSpan().SequenceEqual(one.Certificate.RawData))) ? null
            : $"it was issued by {presented.Issuer}, which is not the kubeconfig's certificate authority.";
    }

    private static string StatusOf(X509Chain? chain) =>
        string.Join(' ', (chain?.ChainStatus ?? []).Select(status => status.StatusInformation.Trim()).Distinct());

    private static IEnumerable<string> Names(X509Certificate2 presented) =>
        presented.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names =>
            names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))).DefaultIfEmpty(presented.Subject);
}
