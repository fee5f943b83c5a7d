using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>The TLS options of a cloud: trusted certificates and the client certificate.</summary>
internal static class CloudTrust
{
    public static SslClientAuthenticationOptions Options(CloudConfig config)
    {
        var options = new SslClientAuthenticationOptions();
        if (!config.Verify)
            // The user has configured verify: false.
#pragma warning disable CA5359
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        else if (config.CaFile is { } ca)
            options.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy?.CustomTrustStore.AddRange(Read(config, "cacert", config.CaFile!, file =>
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(file);
            return all;
        }));
        if (config.CertificateFile is { } certificate)
            options.ClientCertificates = [Read(config, "cert or key", certificate, file => X509Certificate2.CreateFromPemFile(file, config.KeyFile))];
        return options;
    }

    private static T Read<T>(CloudConfig config, string key, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new KlException(ErrorIds.CloudInvalid, KlErrorKind.InvalidInput, config.Name,
                $"{config.Name}: {key} in {config.Source} cannot be read: {error.Message} ({file})",
                "Specify a file in PEM format.", error);
        }
    }
}
