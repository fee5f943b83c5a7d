using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Engine.Kube.Config;

/// <summary>Whether a server is the one that a kubeconfig means, as Go's crypto/tls judges for kubectl: the kubeconfig's authorities alone count
/// where it names any, and the name has to be the server's whoever signed it.</summary>
/// <param name="authorities">The kubeconfig's, or null: those of the system.</param>
/// <param name="acceptsAny">The kubeconfig says insecure-skip-tls-verify.</param>
/// <remarks>The package's own judgement forgets the name wherever the kubeconfig names an authority.</remarks>
internal sealed class ServerTrust(X509Certificate2Collection? authorities, bool acceptsAny = false)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Why the last server was refused, or null: it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Judges what a server showed.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = acceptsAny ? null : certificate is X509Certificate2 shown ? Why((sender as SslStream)?.TargetHostName, shown, chain, errors) : "it shows no certificate.";
        return Refusal is null;
    }

    private string? Why(string? name, X509Certificate2 shown, X509Chain? sent, SslPolicyErrors errors)
    {
        if (shown.NotAfter < DateTime.Now)
            return $"its certificate expired on {shown.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"its certificate is for {string.Join(", ", Names(shown))}, not for {name}.";
        if (authorities is null)
            return errors == SslPolicyErrors.None ? null : $"its certificate, issued by {shown.Issuer}, is not trusted by this computer: {Said(sent)}";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // An authority need not be its own issuer; one of them has to be in the chain.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(authorities);
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        if (!chain.Build(shown))
            return $"its certificate is not good: {Said(chain)}";
        return chain.ChainElements.Any(one => authorities.Any(trusted => trusted.RawData.AsSpan().SequenceEqual(one.Certificate.RawData))) ? null
            : $"its certificate is issued by {shown.Issuer}, which is not the kubeconfig's certificate authority.";
    }

    private static string Said(X509Chain? chain) => string.Join(' ', (chain?.ChainStatus ?? []).Select(status => status.StatusInformation.Trim()).Distinct());

    private static IEnumerable<string> Names(X509Certificate2 shown) =>
        shown.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))).DefaultIfEmpty(shown.Subject);
}
