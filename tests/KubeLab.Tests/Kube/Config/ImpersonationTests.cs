using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;
using Microsoft.AspNetCore.Http;

namespace KubeLab.Tests.Kube.Config;

public sealed class ImpersonationTests : IDisposable
{
    private const string There = """{"metadata":{"name":"n"}}""";
    private const string As = """as: jane, as-uid: "7", as-groups: [dev, "b c"], as-user-extra: {"Example.com/A b%c": [x, w], acme: [z], "ü": [q]}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;
    private readonly KubeSession _kube = new(TimeProvider.System);

    public void Dispose()
    {
        _kube.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("create")]
    [InlineData("list")]
    [InlineData("watch")]
    [InlineData("log")]
    [InlineData("exec")]
    [InlineData("attach")]
    [InlineData("port")]
    public async Task Every_request_has_the_impersonation_headers_of_the_kubeconfig(string what)
    {
        await using var fake = await FakeApi.StartAsync();
        const string Pod = "/api/v1/namespaces/default/pods/p";
        RequestDelegate socket = FakeApi.Socket("v4.channel.k8s.io", _ => Task.CompletedTask);
        fake.On("GET /api/v1/nodes/n", FakeApi.Json(There)).On("POST /api/v1/nodes", FakeApi.Json(There))
            .On("GET /api/v1/nodes", FakeApi.Json("""{"metadata":{"resourceVersion":"1"},"items":[]}"""),
                FakeApi.Lines("""{"type":"ADDED","object":{"metadata":{"name":"n","resourceVersion":"2"}}}"""))
            .On($"GET {Pod}/log", FakeApi.Json("line\n")).On($"GET {Pod}/exec", socket).On($"GET {Pod}/attach", socket).On($"GET {Pod}/portforward", socket);
        using var api = Open(fake.Url, As);
        switch (what)
        {
            case "get":
                await api.FindAsync<V1Node>("n", null, default);
                break;
            case "create":
                await api.CreateAsync(new V1Node { Metadata = new() { Name = "n" } }, default);
                break;
            case "list":
                await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync();
                break;
            case "watch":
                await api.WatchAsync<V1Node>(null, new(), default).FirstAsync();
                break;
            case "log":
                await api.LogAsync("default", "p", "c", "", default).FirstAsync();
                break;
            case "exec":
                using (await api.ExecAsync("default", "p", "c", ["date"], null, default))
                    break;
            case "attach":
                using (await api.AttachAsync("default", "p", "c", null, false, default))
                    break;
            default:
                using (await api.PortAsync("default", "p", 80, default))
                    break;
        }
        Assert.Equal(what == "watch" ? 2 : 1, fake.Headers.Count);
        Assert.All(fake.Headers, headers =>
        {
            Assert.Equal(["jane"], headers["Impersonate-User"]);
            Assert.Equal(["7"], headers["Impersonate-Uid"]);
            Assert.Equal(["dev", "b c"], Values(headers, "Impersonate-Group"));
            Assert.Equal(["x", "w"], Values(headers, "Impersonate-Extra-Example.com%2FA%20b%25c"));
            Assert.Equal(["z"], headers["Impersonate-Extra-acme"]);
            Assert.Equal(["q"], headers["Impersonate-Extra-%C3%BC"]);
        });
    }

    [Theory]
    [InlineData("as: Grüße", "Grüße")]
    [InlineData("as: ''", null)]
    [InlineData("as: null, as-groups: [], as-user-extra: {}", null)]
    [InlineData("as: system:serviceaccount:a:b", "system:serviceaccount:a:b")]
    public async Task Impersonation_fields_become_headers(string user, string? expected)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/nodes/n", FakeApi.Json(There));
        using var api = Open(fake.Url, user);
        await api.FindAsync<V1Node>("n", null, default);
        Assert.Equal(expected, fake.Headers.Single().GetValueOrDefault("Impersonate-User")?.Single());
    }

    [Theory]
    [InlineData("as-groups: [a]", "to impersonate, but no user")]
    [InlineData("as-uid: a", "to impersonate, but no user")]
    [InlineData("as-user-extra: {a: [b]}", "to impersonate, but no user")]
    [InlineData("as: a, as-groups: b", "its as-groups is not a list")]
    [InlineData("as: a, as-user-extra: {a: b}", "its as-user-extra is not a list")]
    [InlineData("as: a, as-user-extra: [a]", "its as-user-extra is not a mapping")]
    [InlineData("as: [a]", "its as is not a string")]
    [InlineData("as: \"a\\nImpersonate-Group: system:masters\"", "control characters")]
    [InlineData("as: a, as-groups: [\"b\\r\\nX: y\"]", "control characters")]
    public void Invalid_impersonation_is_an_error_and_does_not_affect_other_contexts(string user, string expected)
    {
        var error = Assert.Throws<KlException>(() => Open("http://127.0.0.1:1", user));
        Assert.Equal("KubeconfigInvalid", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        using var other = _kube.Open(new KubeconfigFiles([Path.Combine(_folder, "config")]), "other");
        Assert.Equal(["c", "other"], Kubeconfig.Contexts(new([Path.Combine(_folder, "config")])).Select(one => one.Name));
    }

    private static IEnumerable<string> Values(IReadOnlyDictionary<string, string[]> headers, string name) =>
        headers[name].SelectMany(value => value.Split(", "));

    private KubeApi Open(string server, string user)
    {
        var path = Path.Combine(_folder, "config");
        File.WriteAllText(path, $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u} }, {name: other, context: {cluster: c, user: o} }]
            clusters: [{name: c, cluster: {server: "{{server}}"} }]
            users: [{name: u, user: { {{user}} } }, {name: o, user: {token: t} }]
            """);
        return _kube.Open(new KubeconfigFiles([path]), null);
    }
}
