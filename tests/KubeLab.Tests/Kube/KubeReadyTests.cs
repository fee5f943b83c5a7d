using k8s.Models;
using KubeLab.Tests.Flow;

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

    [Fact]
    public async Task A_forbidden_request_to_a_running_server_fails_immediately()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Nodes, FakeApi.Status(403, "Forbidden", "no")).On("GET /readyz", FakeApi.Json("ok"));
        using var api = fake.Open();
        Assert.Equal("KubeForbidden",
            (await Assert.ThrowsAsync<KlException>(async () => await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync())).ErrorId);
    }
}
