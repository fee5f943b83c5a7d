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
    [InlineData(500, "[+]ping ok\n[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\nreadyz check failed", "poststarthook/rbac/bootstrap-roles not done")]
    [InlineData(503, "", "answers 503")]
    public async Task A_server_is_ready_when_it_says_so_or_cannot_say(int code, string text, string? why)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /readyz", FakeApi.Json(text, code));
        using var api = fake.Open();
        if (why is null)
        {
            await api.NeedReadyAsync(default);
            return;
        }
        var error = await Assert.ThrowsAsync<KlException>(() => api.NeedReadyAsync(default));
        Assert.Equal(("KubeUnavailable", KlErrorKind.Unreachable), (error.ErrorId, error.Kind));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_refused_readyz_for_good_is_not_kept_waiting()
    {
        await using var fake = await FakeApi.StartAsync();
        var clock = new QuickClock();
        fake.On("GET /readyz", [.. Enumerable.Repeat(FakeApi.Status(403, "Forbidden", "no"), 40)]).On(Nodes, [.. Enumerable.Repeat(FakeApi.Status(403, "Forbidden", "no"), 2)]);
        using var api = fake.Open(clock: clock);
        Assert.Equal("KubeForbidden", (await Assert.ThrowsAsync<KlException>(async () => await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync())).ErrorId);
        await api.NeedReadyAsync(default);
    }

    [Fact]
    public async Task A_refusal_of_a_server_that_has_just_started_is_asked_again_when_it_is_ready()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Nodes, FakeApi.Status(403, "Forbidden", "no"), FakeApi.Json(None)).On("GET /readyz", FakeApi.Status(403, "Forbidden", "no"), FakeApi.Json("[-]rbac failed", 500), FakeApi.Json("ok"));
        using var api = fake.Open(clock: new QuickClock());
        Assert.Empty(await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync());
        Assert.Equal(5, fake.Seen.Count);
    }

    [Fact]
    public async Task A_refusal_of_a_server_that_runs_is_one_at_once()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Nodes, FakeApi.Status(403, "Forbidden", "no")).On("GET /readyz", FakeApi.Json("ok"));
        using var api = fake.Open();
        Assert.Equal("KubeForbidden", (await Assert.ThrowsAsync<KlException>(async () => await api.ListAsync<V1Node>(null, (string?)null, default).ToListAsync())).ErrorId);
    }
}
