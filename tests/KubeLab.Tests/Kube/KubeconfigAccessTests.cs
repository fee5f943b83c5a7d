using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Tests.Kube;

public sealed class KubeconfigAccessTests : IDisposable
{
    private const string Node = "GET /api/v1/nodes/n";
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_plugin_gets_its_arguments_apart_runs_once_for_all_and_again_when_refused()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Node, [.. Enumerable.Repeat(FakeApi.Json("""{"metadata":{"name":"n"} }"""), 4), FakeApi.Status(401, "Unauthorized", "no"), FakeApi.Json("""{"metadata":{"name":"n"} }""")]);
        using var api = Open(fake, Plugin("""echo "$1|$2|$MINE|$KUBERNETES_EXEC_INFO" >> "$0.ran"; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"} }'"""));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => api.FindAsync<V1Node>("n", null, default)));
        var ran = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(_folder, "plugin.ran")));
        Assert.StartsWith("a b|'c'|x y|", ran, StringComparison.Ordinal);
        Assert.Contains("\"interactive\":false", ran, StringComparison.Ordinal);
        Assert.NotNull(await api.FindAsync<V1Node>("n", null, default));
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path.Combine(_folder, "plugin.ran"))).Length);
    }

    [Theory]
    [InlineData("echo oops >&2; exit 3", "exit code 3. oops")]
    [InlineData("echo rubbish", "is no ExecCredential")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"secret"} }'""", "is no ExecCredential")]
    public async Task A_plugin_that_fails_or_prints_rubbish_is_an_error_that_shows_no_secret(string script, string said)
    {
        await using var fake = await FakeApi.StartAsync();
        using var api = Open(fake, Plugin(script));
        var error = await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default));
        Assert.Equal("KubePluginFailed", error.ErrorId);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.Empty(fake.Seen);
    }

    [Fact]
    public async Task A_plugin_that_hangs_is_ended_and_one_that_is_not_there_says_how_to_get_it()
    {
        using var hanging = new ExecPlugin(new("client.authentication.k8s.io/v1", "/bin/sleep", ["100"], [], null, null), TimeProvider.System) { Timeout = TimeSpan.FromMilliseconds(200) };
        Assert.Contains("was ended", (await Assert.ThrowsAsync<KlException>(() => hanging.GetAuthenticationHeaderAsync(default))).Message, StringComparison.Ordinal);
        using var absent = new ExecPlugin(new("client.authentication.k8s.io/v1", "/no/such/plugin", [], [], "get it there", null), TimeProvider.System);
        var error = await Assert.ThrowsAsync<KlException>(() => absent.GetAuthenticationHeaderAsync(default));
        Assert.Equal((KlErrorKind.NotInstalled, "get it there"), (error.Kind, error.NextStep));
    }

    [Fact]
    public async Task A_token_file_is_read_anew_and_one_that_is_not_there_is_an_error()
    {
        await using var fake = await FakeApi.StartAsync();
        var heard = new List<string>();
        Microsoft.AspNetCore.Http.RequestDelegate hear = context =>
        {
            heard.Add(context.Request.Headers.Authorization.ToString());
            return FakeApi.Json("""{"metadata":{"name":"n"} }""")(context);
        };
        fake.On(Node, hear, hear);
        using var api = Open(fake, "tokenFile: token");
        Assert.Equal("KubeTokenUnreadable", (await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default))).ErrorId);
        foreach (var token in (string[])["one", "two"])
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, "token"), token + "\n");
            await api.FindAsync<V1Node>("n", null, default);
        }
        Assert.Equal(["Bearer one", "Bearer two"], heard);
    }

    [Fact]
    public async Task A_proxy_is_asked_and_no_kubeconfig_at_all_is_said()
    {
        await using var proxy = await FakeApi.StartAsync();
        proxy.On(Node, FakeApi.Json("""{"metadata":{"name":"n"} }"""));
        using var api = Open("http://kubernetes.invalid", "{}", $"proxy-url: {proxy.Url}");
        Assert.NotNull(await api.FindAsync<V1Node>("n", null, default));
        var error = Assert.Throws<KlException>(() => Kubeconfig.Load(new([Path.Combine(_folder, "absent")]), null));
        Assert.StartsWith("There is no kubeconfig", error.Message, StringComparison.Ordinal);
    }

    private string Plugin(string script)
    {
        var path = Path.Combine(_folder, "plugin");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [a b, \"'c'\"], env: [{name: MINE, value: x y}]}";
    }

    private KubeApi Open(FakeApi fake, string user) => Open(fake.Url, user, "insecure-skip-tls-verify: false");

    private KubeApi Open(string server, string user, string more)
    {
        var path = Path.Combine(_folder, "config");
        File.WriteAllText(path, $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u} }]
            clusters: [{name: c, cluster: {server: "{{server}}", {{more}}} }]
            users:
            - name: u
              user: { {{user}} }
            """.Replace("{ {} }", "{}", StringComparison.Ordinal));
        var (config, context) = Kubeconfig.Load(new([path]), null);
        return new(config, context, TimeProvider.System);
    }
}
