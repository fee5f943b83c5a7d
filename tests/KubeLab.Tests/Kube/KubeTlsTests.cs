using System.Net.Sockets;
using System.Security.Authentication;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Tests.Kube;

public sealed class KubeTlsTests : IDisposable
{
    private const string Node = "GET /api/v1/nodes/n";
    private const string There = """{"metadata":{"name":"n"} }""";
    private readonly Certificates _ours = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;
    private readonly KubeSession _kube = new(TimeProvider.System);

    public void Dispose()
    {
        _kube.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("127.0.0.1", "", null)]
    [InlineData("api.example", "tls-server-name: api.example", null)]
    [InlineData("api.example", "", "it is valid for api.example, not for 127.0.0.1.")]
    [InlineData("127.0.0.1", "tls-server-name: api.example", "it is valid for 127.0.0.1, not for api.example.")]
    public async Task The_servers_name_must_match_even_if_its_authority_is_trusted(string name, string more, string? refusal)
    {
        using var certificate = _ours.Make(names: name);
        await using var fake = await FakeApi.StartAsync(certificate);
        await AskAsync(fake, $"certificate-authority-data: {_ours.AuthorityData}, {more}", "token: t", "KubeUntrusted", refusal);
    }

    [Fact]
    public async Task An_expired_certificate_and_one_of_another_authority_are_rejected_with_different_messages()
    {
        using var expired = _ours.Make(-1, "127.0.0.1");
        using var good = _ours.Make(names: "127.0.0.1");
        await using var old = await FakeApi.StartAsync(expired);
        await AskAsync(old, $"certificate-authority-data: {_ours.AuthorityData}", "token: t", "KubeUntrusted", "it expired on ");
        await using var fake = await FakeApi.StartAsync(good);
        await AskAsync(fake, $"certificate-authority-data: {new Certificates().AuthorityData}", "token: t", "KubeUntrusted",
            "which is not the kubeconfig's certificate authority.");
        await AskAsync(fake, "", "token: t", "KubeUntrusted", "is not trusted by this computer");
    }

    [Fact]
    public async Task A_certificate_authority_file_is_relative_to_the_kubeconfig()
    {
        using var certificate = _ours.Make(names: "127.0.0.1");
        await using var fake = await FakeApi.StartAsync(certificate);
        await File.WriteAllTextAsync(Path.Combine(_folder, "ca.crt"), _ours.Authority.ExportCertificatePem());
        await AskAsync(fake, "certificate-authority: ca.crt", "token: t", "", null);
    }

    [Fact]
    public async Task Without_verification_any_server_is_accepted_and_a_session_warns_once()
    {
        using var certificate = new Certificates().Make(-1, "other");
        await using var fake = await FakeApi.StartAsync(certificate);
        fake.On("GET /api/v1/namespaces/default/pods", FakeApi.Json("""{"items":[]}"""), FakeApi.Json("""{"items":[]}"""));
        var config = Path.Combine(_folder, "insecure");
        await File.WriteAllTextAsync(config, Kubectl.Config(fake.Url, ", \"insecure-skip-tls-verify\": true"));
        var result =
            Pipeline.Shell.Run($"$was = $env:KUBECONFIG; $env:KUBECONFIG = '{config}'; try {{ Get-KlPod; Get-KlPod }} finally {{ $env:KUBECONFIG = $was }}");
        Assert.Empty(result.Good<KlPod>());
        Assert.Contains("is not verified (insecure-skip-tls-verify", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_client_certificate_is_reported_for_every_kind_of_rejection()
    {
        using var certificate = _ours.Make(names: "127.0.0.1");
        using var old = _ours.Make(-1);
        await using var strict = await FakeApi.StartAsync(certificate, shown => shown.NotAfter > DateTime.Now);
        await AskAsync(strict, $"certificate-authority-data: {_ours.AuthorityData}", Certificates.User(old), "KubeUnauthorized",
            "The client certificate in the kubeconfig expired on ");
        await using var mild = await FakeApi.StartAsync(certificate, _ => true);
        mild.On(Node, FakeApi.Status(401, "Unauthorized", "who are you"));
        await AskAsync(mild, $"certificate-authority-data: {_ours.AuthorityData}", Certificates.User(old), "KubeUnauthorized",
            "who are you The client certificate in the kubeconfig expired on ");
        using var good = _ours.Make();
        await AskAsync(strict, $"certificate-authority-data: {_ours.AuthorityData}", Certificates.User(good), "", null);
    }

    [Fact]
    public void Only_a_reset_of_an_open_connection_can_be_caused_by_the_certificate()
    {
        static HttpRequestException Http(HttpRequestError kind, Exception? inner = null) => new(kind, inner: inner);
        Assert.All<Exception>(
        [
            Http(HttpRequestError.Unknown), // HTTP/2: closed before the server's settings arrived
            Http(HttpRequestError.ResponseEnded, new HttpIOException(HttpRequestError.ResponseEnded)),
            Http(HttpRequestError.SecureConnectionError, new AuthenticationException()),
            Http(HttpRequestError.Unknown, new IOException("", new SocketException((int)SocketError.ConnectionReset))),
            new IOException("", new SocketException((int)SocketError.Shutdown)),
        ], error => Assert.True(KubeStatus.IsConnectionReset(error)));
        Assert.All<Exception>(
        [
            Http(HttpRequestError.ConnectionError, new SocketException((int)SocketError.ConnectionRefused)),
            Http(HttpRequestError.NameResolutionError),
            Http(HttpRequestError.ProxyTunnelError),
            new OperationCanceledException("", new IOException("", new SocketException((int)SocketError.OperationAborted))),
        ], error => Assert.False(KubeStatus.IsConnectionReset(error)));
    }

    [Theory]
    [InlineData("insecure-skip-tls-verify: true, certificate-authority: ca.crt", "token: t", "has both a certificate authority and insecure-skip-tls-verify")]
    [InlineData("certificate-authority-data: '***'", "token: t", "Base64")]
    [InlineData("certificate-authority: not-there.crt", "token: t", "not-there.crt")]
    [InlineData("extensions: []", "client-certificate: not-there.crt, client-key: not-there.key", "not-there")]
    [InlineData("extensions: []", "client-certificate-data: aGk=, client-key-data: aGk=", "The context c cannot be used")]
    public async Task Every_unreadable_value_of_a_kubeconfig_is_one_error(string cluster, string user, string expected)
    {
        await using var fake = await FakeApi.StartAsync();
        await AskAsync(fake, $"{cluster}, server: \"https://127.0.0.1:1\"", user, "KubeconfigInvalid", expected);
        Assert.Empty(fake.Seen);
    }

    private async Task AskAsync(FakeApi fake, string cluster, string user, string id, string? refusal)
    {
        fake.On(Node, FakeApi.Json(There));
        var path = Path.Combine(_folder, "config");
        await File.WriteAllTextAsync(path, $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u} }]
            clusters: [{name: c, cluster: { {{(cluster.Contains("server:", StringComparison.Ordinal) ? "" : $"server: \"{fake.Url}\", ")}}{{cluster}} } }]
            users: [{name: u, user: { {{user}} } }]
            """);
        async Task FindAsync()
        {
            using var api = _kube.Open(new KubeconfigFiles([path]), null);
            await api.FindAsync<V1Node>("n", null, default);
        }
        if (refusal is null)
        {
            await FindAsync();
            return;
        }
        var error = await Assert.ThrowsAsync<KlException>(FindAsync);
        Assert.True(id == error.ErrorId, error.ToString());
        Assert.Contains(refusal, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.NextStep);
    }
}
