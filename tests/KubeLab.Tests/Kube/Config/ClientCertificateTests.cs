using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Tests.Kube.Config;

public sealed class ClientCertificateTests
{
    private const string Ed25519 = """
        -----BEGIN CERTIFICATE-----
        MIIBMDCB46ADAgECAhRDCZ6iZ2DRhThz8gZ5n3ZEEjnj8zAFBgMrZXAwDTELMAkG
        A1UEAwwCZWQwIBcNMjYxMTI2MTYxMzMwWhgPMjEyNjExMDIxNjEzMzBaMA0xCzAJ
        BgNVBAMMAmVkMCowBQYDK2VwAyEAO1Hy+tPwLj8qLminyl+MvY6+1UlOOalGGuW/
        P75HHLqjUzBRMB0GA1UdDgQWBBSUExk6YRCZlus//h2cmLlwKYGVhzAfBgNVHSME
        GDAWgBSUExk6YRCZlus//h2cmLlwKYGVhzAPBgNVHRMBAf8EBTADAQH/MAUGAytl
        cANBADwCD+SAqrEm9M4hpwOtsFcXTwUzMA1Jq+TQK/7syKY5c5hWnbpgcEx8gDcp
        /tdpDnD8x5lzDh2/38YqG78wEAM=
        -----END CERTIFICATE-----
        """;

    [Theory]
    [InlineData("kubeconfig")]
    [InlineData("plugin")]
    public async Task A_client_certificate_includes_its_intermediate_certificates(string from)
    {
        var ours = new Certificates();
        using var server = ours.Make(names: "127.0.0.1");
        var (leaf, key, between) = Issue(ours.Authority);
        List<string>? shown = null;
        await using var fake = await FakeApi.StartAsync(server, _ => true, chain => shown = [.. chain!.ChainPolicy.ExtraStore.Select(one => one.Subject)]);
        fake.On("GET /api/v1/nodes/n", FakeApi.Json("""{"metadata":{"name":"n"}}"""));
        var settings = new KubeSettings(new Uri(fake.Url)) { Authority = ours.Authority.ExportCertificatePem() };
        using var folder = new Images.TemporaryFolder("given", "");
        if (from == "plugin")
        {
            var status = new System.Text.Json.Nodes.JsonObject { ["clientCertificateData"] = leaf + "\n" + between, ["clientKeyData"] = key };
            var file = Path.Combine(folder.Path, "given");
            await File.WriteAllTextAsync(file,
                $$"""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{status.ToJsonString()}}}""");
            settings = settings with { Plugin = new("client.authentication.k8s.io/v1", "/bin/cat", [file], [], null, null) };
        }
        else
            settings = settings with { Certificate = leaf + "\n" + between, Key = key };
        using var session = new KubeSession(TimeProvider.System);
        using var api = new KubeApi(session, settings, "c");
        await api.FindAsync<V1Node>("n", null, default);
        Assert.Contains("CN=between", shown!);
    }

    public static TheoryData<string, string, string?> Keys()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        using var other = ECDsa.Create();
        using var ecMade = new CertificateRequest("CN=ec", ec, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        using var rsaMade = new CertificateRequest("CN=rsa", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var (ecPem, rsaPem) = (ecMade.ExportCertificatePem(), rsaMade.ExportCertificatePem());
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1);
        return new()
        {
            { ecPem, ec.ExportPkcs8PrivateKeyPem(), null },
            { ecPem, ec.ExportECPrivateKeyPem(), null },
            { ecPem, "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n" + ec.ExportECPrivateKeyPem(), null },
            { "Bag Attributes\n  friendlyName: me\n" + rsaPem, rsa.ExportPkcs8PrivateKeyPem(), null },
            { rsaPem, rsa.ExportRSAPrivateKeyPem() + "\n" + rsaPem, null },
            { ecPem, ec.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters), "is encrypted" },
            { rsaPem, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
                "is encrypted" },
            { ecPem, other.ExportPkcs8PrivateKeyPem(), "does not belong to the client certificate" },
            { ecPem, rsa.ExportPkcs8PrivateKeyPem(), "does not belong to the client certificate" },
            { ecPem, "rubbish", "is not a PEM private key" },
            { ecPem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read" },
            { "rubbish", ec.ExportPkcs8PrivateKeyPem(), "is not a PEM certificate" },
            { Ed25519, ec.ExportPkcs8PrivateKeyPem(), "has an Ed25519 key, which .NET's TLS does not support" },
        };
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void An_unusable_key_is_an_error_that_does_not_show_the_key(string certificate, string key, string? expected)
    {
        var settings = new KubeSettings(new Uri("https://127.0.0.1:1/")) { Certificate = certificate, Key = key };
        if (expected is null)
        {
            using var connection = new KubeConnection(settings, TimeProvider.System);
            Assert.NotNull(connection.CertificateEnds);
            return;
        }
        var error = Assert.Throws<CryptographicException>(() => new KubeConnection(settings, TimeProvider.System));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", error.Message, StringComparison.Ordinal);
    }

    private static (string Leaf, string Key, string Between) Issue(X509Certificate2 authority)
    {
        using var betweenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=between", betweenKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var between = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2]);
        using var betweenWhole = between.CopyWithPrivateKey(betweenKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256)
            .Create(betweenWhole, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddHours(1), [3]);
        return (leaf.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), between.ExportCertificatePem());
    }
}
