using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;
using Microsoft.AspNetCore.Http;

namespace KubeLab.Tests.Kube;

public sealed class KubeConnectionTests : IDisposable
{
    private const string Node = "GET /api/v1/nodes/n";
    private const string There = """{"metadata":{"name":"n"}}""";
    private readonly Certificates _ours = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;
    private readonly KubeSession _kube = new(TimeProvider.System);

    public void Dispose()
    {
        _kube.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Two_thousand_opens_create_one_connection()
    {
        using var certificate = _ours.Make(names: "127.0.0.1");
        await using var fake = await FakeApi.StartAsync(certificate);
        fake.On(Node, [.. Enumerable.Repeat(FakeApi.Json(There), 20)]);
        var files = Config(fake.Url, "token: t");
        for (var i = 0; i < 2000; i++)
        {
            using var api = _kube.Open(files, null);
            if (i % 100 == 0)
                await api.FindAsync<V1Node>("n", null, default);
        }
        Assert.Equal((20, 1), (fake.Seen.Count, fake.Connections.Count));
    }

    [Fact]
    public async Task A_changed_kubeconfig_or_referenced_file_applies_immediately_and_open_connections_continue()
    {
        using var certificate = _ours.Make(names: "127.0.0.1");
        await using var fake = await FakeApi.StartAsync(certificate);
        fake.On(Node, [.. Enumerable.Repeat(FakeApi.Json(There), 5)]);
        await AskAsync(Config(fake.Url, "token: one"));
        using var old = _kube.Open(Config(fake.Url, "token: one"), null);
        await AskAsync(Config(fake.Url, "token: two"));
        await AskAsync(Config(fake.Url, "token: two, as: jane"));
        await old.FindAsync<V1Node>("n", null, default);
        Assert.Equal(["Bearer one", "Bearer two", "Bearer two", "Bearer one"], fake.Headers.Select(headers => headers["Authorization"].Single()));
        var authority = Path.Combine(_folder, "ca.crt");
        await File.WriteAllTextAsync(authority, _ours.Authority.ExportCertificatePem());
        var files = Config(fake.Url, "token: t", "certificate-authority: ca.crt");
        await AskAsync(files);
        await File.WriteAllTextAsync(authority, new Certificates().Authority.ExportCertificatePem());
        Assert.Equal("KubeUntrusted", (await Assert.ThrowsAsync<KlException>(() => AskAsync(files))).ErrorId);
    }

    [Theory]
    [InlineData("token: secret")]
    [InlineData("username: a, password: secret")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: /no/such/plugin}")]
    [InlineData("tokenFile: not-there")]
    public async Task Credentials_are_not_sent_over_plain_http(string user)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Node, FakeApi.Json(There), FakeApi.Status(401, "Unauthorized", "who are you"));
        var files = Config(fake.Url, user);
        await AskAsync(files);
        var error = await Assert.ThrowsAsync<KlException>(() => AskAsync(files));
        Assert.Contains("credentials were not sent, because", error.Message, StringComparison.Ordinal);
        Assert.All(fake.Headers, headers => Assert.False(headers.ContainsKey("Authorization")));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_to_another_server_is_not_followed(int code)
    {
        await using var other = await FakeApi.StartAsync();
        await using var fake = await FakeApi.StartAsync();
        RequestDelegate redirect = context =>
        {
            context.Response.StatusCode = code;
            context.Response.Headers.Location = other.Url + context.Request.Path;
            return Task.CompletedTask;
        };
        fake.On(Node, redirect).On("POST /api/v1/nodes", redirect).On("GET /api/v1/namespaces/default/pods/p/portforward", redirect);
        using var api = fake.Open();
        Func<Task>[] requests =
        [
            () => api.FindAsync<V1Node>("n", null, default), () => api.CreateAsync(new V1Node { Metadata = new() { Name = "n" } }, default), () =>
                api.PortAsync("default", "p", 80, default),
        ];
        foreach (var request in requests)
        {
            var error = await Assert.ThrowsAsync<KlException>(request);
            Assert.Equal("KubeRedirected", error.ErrorId);
            Assert.Contains(other.Url, error.Message, StringComparison.Ordinal);
        }
        Assert.Empty(other.Seen);
    }

    [Theory]
    [InlineData(301, "GET", true)]
    [InlineData(307, "GET", true)]
    [InlineData(308, "POST", true)]
    [InlineData(302, "POST", false)]
    public async Task A_redirect_on_the_same_server_is_followed_for_reads_only(int code, string method, bool isFollowed)
    {
        await using var fake = await FakeApi.StartAsync();
        RequestDelegate redirect = context =>
        {
            context.Response.StatusCode = code;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };
        fake.On(Node, redirect).On("POST /api/v1/nodes", redirect).On($"{method} /elsewhere", FakeApi.Json(There));
        using var api = fake.Open();
        Task<V1Node> Ask() => method == "GET" ? api.FindAsync<V1Node>("n", null, default)!
            : api.CreateAsync(new V1Node { Metadata = new() { Name = "n" } }, default);
        if (isFollowed)
            Assert.Equal("n", (await Ask()).Metadata.Name);
        else
            Assert.Equal("KubeRedirected", (await Assert.ThrowsAsync<KlException>(Ask)).ErrorId);
        if (method == "POST" && isFollowed)
            Assert.Equal(2, fake.Bodies.Select(body => body.Text).Count(text => text.Contains("\"n\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_redirect_loop_ends()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Node, [.. Enumerable.Repeat<RequestDelegate>(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/api/v1/nodes/n";
            return Task.CompletedTask;
        }, 20)]);
        using var api = fake.Open();
        Assert.Equal("KubeRedirected", (await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default))).ErrorId);
    }

    [Theory]
    [InlineData("", "http://localhost:8080")]
    [InlineData("10.0.0.1:6443", "http://10.0.0.1:6443")]
    [InlineData("10.0.0.1:6443/", "http://10.0.0.1:6443")]
    [InlineData("api.example", "http://api.example")]
    [InlineData("[fd00::1]:6443", "http://[fd00::1]:6443")]
    [InlineData("https://[fd00::1]:6443/", "https://[fd00::1]:6443")]
    [InlineData("HTTPS://api.example:443/", "https://api.example")]
    [InlineData("https://rancher.example/k8s/clusters/c-xyz", "https://rancher.example/k8s/clusters/c-xyz")]
    [InlineData("https://rancher.example/k8s/clusters/c-xyz/?a=b#c", "https://rancher.example/k8s/clusters/c-xyz")]
    public void A_server_is_parsed_like_kubectl_does(string server, string expected) =>
        Assert.Equal(expected, Kubeconfig.Load(Config(server, "{}"), null).Config.Host);

    [Theory]
    [InlineData("10.0.0.1:6443/a")]
    [InlineData("ftp://api.example")]
    [InlineData("https://")]
    [InlineData("://a b")]
    public void An_invalid_server_is_an_error(string server) =>
        Assert.Equal("KubeconfigInvalid", Assert.Throws<KlException>(() => Kubeconfig.Load(Config(server, "{}"), null)).ErrorId);

    [Fact]
    public async Task The_path_of_the_server_prefixes_every_request()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /k8s/clusters/c-xyz/api/v1/nodes/n", FakeApi.Json(There));
        await AskAsync(Config(fake.Url + "/k8s/clusters/c-xyz", "{}"));
    }

    private async Task AskAsync(KubeconfigFiles files)
    {
        using var api = _kube.Open(files, null);
        await api.FindAsync<V1Node>("n", null, default);
    }

    private KubeconfigFiles Config(string server, string user, string? trust = null)
    {
        var path = Path.Combine(_folder, "config");
        File.WriteAllText(path, $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u} }]
            clusters: [{name: c, cluster: {server: "{{server}}", {{trust ?? $"certificate-authority-data: {_ours.AuthorityData}"}} } }]
            users: [{name: u, user: { {{(user == "{}" ? "" : user)}} } }]
            """);
        return new([path]);
    }
}
