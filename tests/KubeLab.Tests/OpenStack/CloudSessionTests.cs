using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Flow;
using Microsoft.Extensions.Time.Testing;
using Answers = KubeLab.Tests.OpenStack.Client.FakeCloud;

namespace KubeLab.Tests.OpenStack;

/// <summary>The provider's requests to a cloud.</summary>
public sealed class CloudSessionTests : IAsyncLifetime
{
    private Answers _fake = null!;

    public async Task InitializeAsync() => _fake = await Answers.StartAsync();

    public async Task DisposeAsync() => await _fake.DisposeAsync();

    [Fact]
    public async Task After_Ctrl_C_a_pending_change_is_completed_and_no_other_is_started()
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        _fake.On("POST /network/v2.0/networks", async context =>
        {
            asked.SetResult();
            await answer.Task;
            await Answers.Json("""{"network":{"id":"n1"}}""", 201)(context);
        });
        using var cloud = await _fake.OpenAsync();
        using var stop = new CancellationTokenSource();
        var made = CloudSession.Of(cloud).CreateAsync<Network>([], stop.Token);
        await asked.Task;
        await stop.CancelAsync();
        answer.SetResult();
        Assert.Equal("n1", (await made).Id);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CloudSession.Of(cloud).CreateAsync<Network>([], stop.Token));
        Assert.Single(_fake.Seen, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2.63", """{"server_group":{"name":"g","policies":["affinity"]}}""")]
    [InlineData("2.64", """{"server_group":{"name":"g","policy":"affinity"}}""")]
    public async Task A_server_group_has_its_policy_in_the_format_of_the_cloud(string newest, string body)
    {
        var seen = new List<JsonNode?>();
        _fake.On("GET /compute/v2.1/", Answers.Versions("v2.1", "2.1", newest));
        _fake.On("POST /compute/v2.1/os-server-groups", async context =>
        {
            seen.Add(await JsonNode.ParseAsync(context.Request.Body));
            await Answers.Json("""{"server_group":{"id":"g1"}}""")(context);
        });
        using var cloud = await _fake.OpenAsync();
        await CloudSession.Of(cloud).CreateAsync<ServerGroup>(new() { ["name"] = "g", ["policy"] = "affinity" }, default);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body), Assert.Single(seen)), seen[0]?.ToJsonString());
    }

    [Fact]
    public async Task New_servers_are_found_among_the_changed_servers()
    {
        _fake.On("GET /compute/v2.1/servers/detail", Answers.Json("""{"servers":[{"id":"s1","status":"ACTIVE","updated":"2026-11-22T12:00:09Z"}]}"""),
            Answers.Json("""{"servers":[]}"""));
        using var cloud = await _fake.OpenAsync();
        var clock = new FakeTimeProvider();
        var built = new BuiltServers(since => CloudSession.Of(cloud).ChangedAsync(since, default), TimeSpan.Zero, clock);
        Assert.Equal(["s1"], (await built.ReadAsync(default)).Keys);
        Assert.Equal(["s1"], (await built.ReadAsync(default)).Keys);
        Assert.Equal(["?status=ACTIVE&status=ERROR", "?status=ACTIVE&status=ERROR&changes-since=2026-11-22T12%3A00%3A04Z"],
            _fake.Seen.Where(request => request.Contains("/servers", StringComparison.Ordinal))
            .Select(request => request[request.IndexOf('?', StringComparison.Ordinal)..]));
    }

    [Fact]
    public async Task A_slow_cloud_is_polled_less_often()
    {
        var clock = new QuickClock();
        var start = clock.GetUtcNow();
        var began = new List<TimeSpan>();
        var look = new CoalescedRead<int>(() =>
        {
            began.Add(clock.GetUtcNow() - start);
            clock.Advance(TimeSpan.FromSeconds(5));
            return Task.FromResult(began.Count);
        }, TimeSpan.FromSeconds(1), clock);
        Assert.Equal(1, await look.ReadAsync(default));
        Assert.Equal(2, await look.ReadAsync(default));
        Assert.InRange(began[1], TimeSpan.FromSeconds(10), TimeSpan.MaxValue);
    }
}
