using System.Collections.Concurrent;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;
using KubeLab.Tests.Flow;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Kube.Config;

public sealed class KubeconfigAccessTests : IDisposable
{
    private const string Node = "GET /api/v1/nodes/n";
    private static readonly Certificates Ours = new();
    private readonly System.Security.Cryptography.X509Certificates.X509Certificate2 _server = Ours.Make(names: "127.0.0.1");
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;
    private readonly KubeSession _kube = new(TimeProvider.System);

    public void Dispose()
    {
        _kube.Dispose();
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_plugin_gets_its_arguments_runs_once_for_all_requests_and_again_after_a_rejection()
    {
        await using var fake = await FakeApi.StartAsync(_server);
        fake.On(Node, [.. Enumerable.Repeat(FakeApi.Json("""{"metadata":{"name":"n"} }"""), 4), FakeApi.Status(401, "Unauthorized", "no"),
            FakeApi.Json("""{"metadata":{"name":"n"} }""")]);
        using var api = Open(fake,
            Plugin("""echo "$1|$2|$MINE|$KUBERNETES_EXEC_INFO" >> "$0.ran"; """
                + """echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"} }'"""));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => api.FindAsync<V1Node>("n", null, default)));
        var ran = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(_folder, "plugin.ran")));
        Assert.StartsWith("a b|'c'|x y|", ran, StringComparison.Ordinal);
        Assert.Contains("\"interactive\":false", ran, StringComparison.Ordinal);
        Assert.NotNull(await api.FindAsync<V1Node>("n", null, default));
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path.Combine(_folder, "plugin.ran"))).Length);
    }

    [Theory]
    [InlineData("echo oops >&2; exit 3", "exited with code 3. oops")]
    [InlineData("echo rubbish", "is not an ExecCredential")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"secret"} }'""",
        "is not an ExecCredential")]
    public async Task A_plugin_that_fails_or_prints_invalid_output_is_an_error_that_shows_no_secret(string script, string expected)
    {
        await using var fake = await FakeApi.StartAsync(_server);
        using var api = Open(fake, Plugin(script));
        var error = await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default));
        Assert.Equal("KubePluginFailed", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.Empty(fake.Seen);
    }

    [Fact]
    public async Task A_plugin_that_hangs_is_terminated_and_a_missing_plugin_shows_its_install_hint()
    {
        var clock = new FakeTimeProvider();
        using var hanging = new ExecPlugin(new("client.authentication.k8s.io/v1", "/bin/sleep", ["100"], [], null, null), clock) { IsAtTerminal = false };
        var asking = hanging.GetAuthenticationHeaderAsync(default);
        clock.Advance(hanging.Timeout);
        Assert.Contains("was terminated", (await Assert.ThrowsAsync<KlException>(() => asking)).Message, StringComparison.Ordinal);
        using var absent = new ExecPlugin(new("client.authentication.k8s.io/v1", "/no/such/plugin", [], [], "get it there", null), TimeProvider.System);
        var error = await Assert.ThrowsAsync<KlException>(() => absent.GetAuthenticationHeaderAsync(default));
        Assert.Equal((KlErrorKind.NotInstalled, "get it there"), (error.Kind, error.NextStep));
    }

    [Fact]
    public async Task A_token_file_is_read_for_each_request_and_a_missing_file_is_an_error()
    {
        await using var fake = await FakeApi.StartAsync(_server);
        var heard = new List<string>();
        Microsoft.AspNetCore.Http.RequestDelegate report = context =>
        {
            heard.Add(context.Request.Headers.Authorization.ToString());
            return FakeApi.Json("""{"metadata":{"name":"n"} }""")(context);
        };
        fake.On(Node, report, report);
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
    public async Task A_proxy_is_used_and_a_missing_kubeconfig_is_reported()
    {
        await using var proxy = await FakeApi.StartAsync();
        proxy.On(Node, FakeApi.Json("""{"metadata":{"name":"n"} }"""));
        using var api = Open("http://kubernetes.invalid", "{}", $"proxy-url: {proxy.Url}");
        Assert.NotNull(await api.FindAsync<V1Node>("n", null, default));
        var error = Assert.Throws<KlException>(() => Kubeconfig.Load(new([Path.Combine(_folder, "absent")]), null));
        Assert.EndsWith("was not found.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugins_error_output_is_shown_immediately_and_its_time_does_not_count_as_request_time()
    {
        await using var fake = await FakeApi.StartAsync(_server);
        fake.On(Node, FakeApi.Json("""{"metadata":{"name":"n"} }"""));
        var (heard, go) = (new TaskCompletionSource(), Path.Combine(_folder, "go"));
        LabEvents.Current = new Listener(one => heard.TrySetResult());
        using var api = Open(fake,
            Plugin($$"""echo 'open https://login.example and enter CODE' >&2; until [ -e '{{go}}' ]; do sleep 0.05; done; """
                + $$"""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"} }'"""), TimeSpan.FromSeconds(5));
        var asked = api.FindAsync<V1Node>("n", null, default);
        await heard.Task.WaitAsync(Pipeline.Gates.Timeout);
        Assert.False(asked.IsCompleted);
        await File.WriteAllTextAsync(go, "");
        Assert.NotNull(await asked);
    }

    [Fact]
    public async Task A_plugins_prompt_without_a_line_end_is_shown_each_time()
    {
        var script = Path.Combine(_folder, "asks");
        await File.WriteAllTextAsync(script, """
            printf 'Code: ' >&2; until [ -e "$0.1" ]; do sleep 0.02; done
            printf 'wrong\nCode: ' >&2; until [ -e "$0.2" ]; do sleep 0.02; done
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"} }'
            """);
        var shown = new BlockingCollection<LabEvent>();
        LabEvents.Current = new Listener(shown.Add);
        using var plugin = new ExecPlugin(new("client.authentication.k8s.io/v1", "sh", [script], [], null, null), new QuickClock()) { IsAtTerminal = false };
        var asked = plugin.GetAuthenticationHeaderAsync(default);
        Assert.Equal("Code: ", Next());
        await File.WriteAllTextAsync(script + ".1", "");
        Assert.Equal(["wrong", "Code: "], [Next(), Next()]);
        Assert.False(asked.IsCompleted);
        await File.WriteAllTextAsync(script + ".2", "");
        Assert.Equal("Bearer t", (await asked)?.ToString());
        Assert.Empty(shown);

        string Next()
        {
            Assert.True(shown.TryTake(out var next, Pipeline.Gates.Timeout));
            Assert.True(next is { Kind: LabEventKind.Warning, Repeats: true });
            return next.Message;
        }
    }

    [Theory]
    [InlineData("Never", true, "false", false)]
    [InlineData("IfAvailable", false, "false", false)]
    [InlineData("IfAvailable", true, "true", true)]
    [InlineData("Always", true, "true", true)]
    [InlineData("Always", false, null, false)]
    public async Task A_plugin_may_use_the_terminal_if_there_is_one_and_its_mode_permits_it(string mode, bool isAtTerminal,
        string? interactive, bool isInteractive)
    {
        var script = Path.Combine(_folder, "says");
        await File.WriteAllTextAsync(script,
            """echo "$KUBERNETES_EXEC_INFO" > "$0.info"; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":"""
                + """{"token":"t"} }'""");
        using var plugin = new ExecPlugin(new("client.authentication.k8s.io/v1", "sh", [script], [], null, null)
        { InteractiveMode = mode }, TimeProvider.System)
        { IsAtTerminal = isAtTerminal };
        if (interactive is null)
        {
            Assert.Contains("interactiveMode: Always", (await Assert.ThrowsAsync<KlException>(() => plugin.GetAuthenticationHeaderAsync(default))).Message,
                StringComparison.Ordinal);
            return;
        }
        Assert.Equal("Bearer t", (await plugin.GetAuthenticationHeaderAsync(default))?.ToString());
        Assert.Contains($"\"interactive\":{interactive}", await File.ReadAllTextAsync(script + ".info"), StringComparison.Ordinal);
        Assert.Equal(isInteractive, interactive == "true");
    }

    [Fact]
    public async Task Terminating_a_plugin_terminates_its_child_processes()
    {
        var script = Path.Combine(_folder, "starts");
        await File.WriteAllTextAsync(script, """sleep 1000 & echo $! > "$0.child"; echo ready >&2; wait""");
        using var stop = new CancellationTokenSource();
        LabEvents.Current = new Listener(_ => stop.Cancel());
        using var plugin = new ExecPlugin(new("client.authentication.k8s.io/v1", "sh", [script], [], null, null), TimeProvider.System)
        { IsAtTerminal = false };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => plugin.GetAuthenticationHeaderAsync(stop.Token));
        var child = int.Parse(await File.ReadAllTextAsync(script + ".child"), System.Globalization.CultureInfo.InvariantCulture);
        using var timeout = new CancellationTokenSource(Pipeline.Gates.Timeout);
        while (IsAlive(child))
            await Task.Delay(10, timeout.Token);

        static bool IsAlive(int id) => File.Exists($"/proc/{id}/stat") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("'\"\\")]
    [InlineData("\\\"")]
    [InlineData("$(id) `id` *")]
    [InlineData("-n\nx\ttab")]
    [InlineData("Grüße")]
    public async Task A_plugins_arguments_are_passed_unchanged(string argument)
    {
        var script = Path.Combine(_folder, "args");
        await File.WriteAllTextAsync(script, """printf '%s|' "$@" > "$0.args"; exit 1""");
        using var plugin = new ExecPlugin(new("client.authentication.k8s.io/v1", "sh", [script, argument, "end"], [], null, null), TimeProvider.System)
        { IsAtTerminal = false };
        await Assert.ThrowsAsync<KlException>(() => plugin.GetAuthenticationHeaderAsync(default));
        Assert.Equal($"{argument}|end|", await File.ReadAllTextAsync(script + ".args"));
    }

    [Theory]
    [InlineData(502, "KubeProxyFailed")]
    [InlineData(503, "KubeProxyFailed")]
    [InlineData(407, "KubeProxyFailed")]
    public async Task A_proxy_that_rejects_is_named_without_its_password(int code, string id)
    {
        await using var proxy = await FakeApi.StartAsync();
        proxy.On("CONNECT ", [.. Enumerable.Repeat(FakeApi.Json("<html>", code), 4)]);
        foreach (var server in (string[])["https://kubernetes.invalid:6443", "http://kubernetes.invalid"])
        {
            proxy.On(Node, [.. Enumerable.Repeat(FakeApi.Json("<html>", code), 4)]);
            using var api = Open(server, "{}", $"proxy-url: {proxy.Url.Replace("://", "://me:secret@", StringComparison.Ordinal)}");
            var error = await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default));
            if (code == 407 || server.StartsWith("https", StringComparison.Ordinal))
                Assert.Equal(id, error.ErrorId);
            Assert.Contains(proxy.Url, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ftp://proxy")]
    [InlineData("proxy:3128")]
    public void An_invalid_proxy_url_is_an_error(string url) =>
        Assert.Equal("KubeconfigInvalid", Assert.Throws<KlException>(() => Open("http://kubernetes.invalid", "{}", $"proxy-url: \"{url}\"")).ErrorId);

    private sealed class Listener(Action<LabEvent> report) : IProgress<LabEvent>
    {
        public void Report(LabEvent value) => report(value);
    }

    private string Plugin(string script)
    {
        var path = Path.Combine(_folder, "plugin");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [a b, \"'c'\"], env: [{name: MINE, value: x y}]}";
    }

    private KubeApi Open(FakeApi fake, string user, TimeSpan? limit = null) =>
        Open(fake.Url, user, $"certificate-authority-data: {Ours.AuthorityData}", limit);

    private KubeApi Open(string server, string user, string more, TimeSpan? limit = null)
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
        return new(_kube, config, context) { RequestTimeout = limit ?? Pipeline.Gates.Timeout };
    }
}
