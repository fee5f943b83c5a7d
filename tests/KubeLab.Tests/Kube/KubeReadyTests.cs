using k8s.Models;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Kube;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Pipeline;
using Microsoft.AspNetCore.Http;

namespace KubeLab.Tests.Kube;

public sealed class KubeReadyTests
{
    private const string Nodes = "GET /api/v1/nodes";
    private const string None = """{"items":[]}""";

    [Theory]
    [InlineData(200, "ok", null)]
    [InlineData(404, "404 page not found", null)]
    [InlineData(401, "", null)]
    [InlineData(403, "", "roles are not loaded")]
    [InlineData(500, "[+]ping ok\n[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\nreadyz check failed",
        "poststarthook/rbac/bootstrap-roles not ready")]
    [InlineData(503, "", "responded with 503")]
    public async Task A_server_is_ready_if_readyz_succeeds_or_does_not_exist(int code, string text, string? why)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /readyz", FakeApi.Json(text, code));
        using var api = fake.Open();
        if (why is null)
        {
            await api.EnsureReadyAsync(default);
            return;
        }
        var error = await Assert.ThrowsAsync<KlException>(() => api.EnsureReadyAsync(default));
        Assert.Equal(("KubeUnavailable", KlErrorKind.Unreachable), (error.ErrorId, error.Kind));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readiness_is_asked_for_each_time()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /readyz", FakeApi.Json("ok"), FakeApi.Json("[-]etcd failed", 500));
        using var nodes = new ClusterAccess.NodeApi(fake.Open(), (_, _, _, _, _) => throw new InvalidOperationException("No node is drained."));
        await nodes.EnsureReadyAsync(default);
        Assert.Equal(KlErrorKind.Unreachable, (await Assert.ThrowsAsync<KlException>(() => nodes.EnsureReadyAsync(default))).Kind);
    }

    [Fact]
    public async Task A_user_without_access_to_readyz_does_not_wait()
    {
        await using var fake = await FakeApi.StartAsync();
        var clock = new QuickClock();
        fake.On("GET /readyz", [.. Enumerable.Repeat(FakeApi.Status(403, "Forbidden", "no"), 40)])
            .On(Nodes, [.. Enumerable.Repeat(FakeApi.Status(403, "Forbidden", "no"), 2)]);
        using var api = fake.Open(clock: clock);
        Assert.Equal("KubeForbidden",
            (await Assert.ThrowsAsync<KlException>(async () => await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync())).ErrorId);
        await api.EnsureReadyAsync(default);
    }

    [Fact]
    public async Task A_forbidden_request_to_a_starting_server_is_retried_when_it_is_ready()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Nodes, FakeApi.Status(403, "Forbidden", "no"), FakeApi.Json(None))
            .On("GET /readyz", FakeApi.Status(403, "Forbidden", "no"), FakeApi.Json("[-]rbac failed", 500), FakeApi.Json("ok"));
        using var api = fake.Open(clock: new QuickClock());
        Assert.Empty(await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync());
        Assert.Equal(5, fake.Seen.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_is_retried_when_a_restarted_server_is_ready(bool isNoticed)
    {
        await using var fake = await FakeApi.StartAsync();
        var clock = new QuickClock();
        fake.On(Nodes, FakeApi.Json(None));
        if (isNoticed)
            fake.On(Nodes, CutOff);
        Restart(fake, Nodes).On(Nodes, FakeApi.Json(None));
        using var api = fake.Open(clock: clock);
        Assert.Empty(await NodesAsync(api));
        if (isNoticed)
            Assert.Equal("KubeUnreachable", (await Assert.ThrowsAsync<KlException>(() => NodesAsync(api))).ErrorId);
        else
            clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(await NodesAsync(api));
        Assert.Equal(["/readyz", "/readyz", "/readyz", "/api/v1/nodes"], fake.Seen.TakeLast(4).Select(request => request.Split(' ', '?')[1]));
    }

    [Fact]
    public async Task A_watch_continues_when_a_restarted_server_is_ready()
    {
        await using var fake = await FakeApi.StartAsync();
        var (cut, seen) = (new TaskCompletionSource(), new List<string>());
        fake.On(Nodes, FakeApi.Json("""{"metadata":{"resourceVersion":"1"},"items":[]}"""), FakeApi.Lines(cut.Task, Added("a", 2)));
        Restart(fake, Nodes).On(Nodes, FakeApi.Lines(Added("b", 3)));
        using var api = fake.Open(clock: new QuickClock());
        using var timeout = new CancellationTokenSource(Gates.Timeout);
        await foreach (var change in api.WatchAsync<V1Node>(null, new(), timeout.Token).Take(2))
        {
            seen.Add(change.Object.Metadata.Name);
            cut.TrySetResult();
        }
        Assert.Equal(["a", "b"], seen);

        static string Added(string name, int version) =>
            $$"""{"type":"ADDED","object":{"metadata":{"name":"{{name}}","uid":"{{name}}","resourceVersion":"{{version}}"} } }""";
    }

    [Fact]
    public async Task A_command_and_a_log_are_opened_when_a_restarted_server_is_ready()
    {
        const string Pod = "GET /api/v1/namespaces/default/pods/p";
        await using var fake = await FakeApi.StartAsync();
        fake.On(Nodes, CutOff, CutOff);
        Restart(fake, $"{Pod}/exec").On($"{Pod}/exec", FakeApi.Socket("v5.channel.k8s.io", _ => Task.CompletedTask));
        Restart(fake, $"{Pod}/log").On($"{Pod}/log", FakeApi.Lines("2026-01-01T00:00:00Z line"));
        using var api = fake.Open(clock: new QuickClock());
        await Assert.ThrowsAsync<KlException>(() => NodesAsync(api));
        (await api.ExecAsync("default", "p", "c", ["true"], null, default)).Dispose();
        await Assert.ThrowsAsync<KlException>(() => NodesAsync(api));
        Assert.Single(await api.LogAsync("default", "p", "c", "", default).Select(line => line.Length).ToListAsync());
    }

    [Fact]
    public async Task A_control_plane_that_restarts_while_nodes_are_awaited_is_awaited_too()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Nodes, FakeApi.Json(None), CutOff, FakeApi.Json(None))
            .On("GET /readyz", FakeApi.Json("ok"), FakeApi.Json("[-]rbac failed", 500), FakeApi.Json("ok"));
        using var api = new ClusterAccess(fake.Session, (_, _, _, _, _) => Task.CompletedTask).Open(fake.Open());
        Assert.Empty(await api.NodesAsync(default));
        Assert.Equal("KubeUnreachable", (await Assert.ThrowsAsync<KlException>(() => api.NodesAsync(default))).ErrorId);
        Assert.Equal("KubeUnavailable", (await Assert.ThrowsAsync<KlException>(() => api.NodesAsync(default))).ErrorId);
        Assert.Empty(await api.NodesAsync(default));
    }

    [Fact]
    public async Task A_forbidden_request_to_a_running_server_fails_immediately()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Nodes, FakeApi.Status(403, "Forbidden", "no")).On("GET /readyz", FakeApi.Json("ok"));
        using var api = fake.Open();
        Assert.Equal("KubeForbidden",
            (await Assert.ThrowsAsync<KlException>(async () => await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync())).ErrorId);
    }

    // The server is lost after it has accepted the request.
    private static async Task CutOff(HttpContext context)
    {
        await context.Response.WriteAsync("{");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    private static FakeApi Restart(FakeApi fake, string request) => fake.On(request, FakeApi.Status(403, "Forbidden", "no"))
        .On("GET /readyz", FakeApi.Status(403, "Forbidden", "no"), FakeApi.Json("[-]rbac failed", 500), FakeApi.Json("ok"));

    private static async Task<List<V1Node>> NodesAsync(KubeApi api) => await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync();
}
