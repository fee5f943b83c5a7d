using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Pipeline;
using static KubeLab.Tests.OpenStack.Client.FakeCloud;

namespace KubeLab.Tests.OpenStack.Client;

public sealed class OpenStackClientTests : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private FakeCloud _fake = null!;

    public async Task InitializeAsync() => _fake = await StartAsync();

    public async Task DisposeAsync() => await _fake.DisposeAsync();

    [Fact]
    public async Task Requests_use_the_newest_microversion_that_both_sides_support()
    {
        _fake.On("GET /compute/v2.1/flavors/detail", Json("""{"flavors":[{"id":"1","name":"m1.tiny","ram":512,"vcpus":1,"disk":1}]}"""));
        using var cloud = await _fake.OpenAsync();
        Assert.Equal("m1.tiny", Assert.Single(await cloud.ListAsync<Flavor>(Never).ToListAsync()).Name);
        var headers = _fake.Headers.Last();
        Assert.Equal(("compute 2.93", "2.93", "token-1"),
            (headers["OpenStack-API-Version"].ToString(), headers["X-OpenStack-Nova-API-Version"].ToString(), headers["X-Auth-Token"].ToString()));
        Assert.Equal((true, false), (await cloud.Compute.SupportsAsync(new(2, 90), Never), await cloud.Compute.SupportsAsync(new(2, 94), Never)));
        Assert.Equal(3, cloud.Requests);
    }

    [Fact]
    public async Task A_cloud_that_requires_newer_microversions_is_rejected()
    {
        _fake.On("GET /compute/v2.1/", Versions("v2.1", "3.1", "3.4"));
        using var newer = await _fake.OpenAsync();
        Assert.Equal("CloudTooNew", (await ThrowsAsync(() => newer.Compute.MicroversionAsync(Never))).ErrorId);
    }

    [Fact]
    public async Task A_hidden_version_document_means_the_oldest_microversion_but_a_failed_one_is_retried()
    {
        _fake.On("GET /compute/v2.1/", Json("{}", 500), Json("{}", 403)).On("GET /compute/v2.1/flavors/1", Json("""{"flavor":{"id":"1","name":null}}"""));
        using var cloud = await _fake.OpenAsync();
        Assert.Equal("CloudFailed", (await ThrowsAsync(() => cloud.GetAsync<Flavor>("1", Never))).ErrorId);
        Assert.Equal("", (await cloud.GetAsync<Flavor>("1", Never)).Name);
        Assert.False(_fake.Headers.Last().ContainsKey("OpenStack-API-Version"));
    }

    [Fact]
    public async Task An_endpoint_without_version_reads_its_version_document_once_and_does_not_trust_its_links()
    {
        _fake.On("GET /network/v2.0/networks", Json("""{"networks":[]}"""));
        using var cloud = await _fake.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => cloud.ListAsync<Network>(Never).ToListAsync().AsTask()));
        Assert.Single(_fake.Seen, seen => seen == "GET /network/");
    }

    [Fact]
    public async Task Lists_follow_their_pages_regardless_of_the_host_in_the_links()
    {
        _fake.On("GET /compute/v2.1/servers/detail",
            Json("""{"servers":[{"id":"1"}],"servers_links":[{"rel":"next","href":"http://elsewhere.invalid/v2.1/servers/detail?limit=1&marker=1"}]}"""),
            Json("""{"servers":[{"id":"2"}]}"""));
        _fake.On("GET /image/v2/images", Json("""{"images":[{"id":"a"}],"next":"/v2/images?marker=a"}"""), Json("""{"images":[{"id":"b"}]}"""));
        using var cloud = await _fake.OpenAsync();
        Assert.Equal(["1", "2"], await cloud.ListAsync<Server>($"name={"a b&c"}", Never).Select(one => one.Id).ToListAsync());
        Assert.Equal(["GET /compute/v2.1/servers/detail?name=a%20b%26c", "GET /compute/v2.1/servers/detail?limit=1&marker=1"], _fake.Seen.Skip(1));
        Assert.Equal(["a", "b"], await cloud.ListAsync<Image>(Never).Select(one => one.Id).ToListAsync());
    }

    [Fact]
    public async Task A_loop_of_pages_ends()
    {
        _fake.On("GET /compute/v2.1/servers/detail", Json("""{"servers":[{"id":"1"}],"servers_links":[{"rel":"next","href":"http://x/?marker=1"}]}"""));
        using var cloud = await _fake.OpenAsync();
        Assert.Contains("loop", (await ThrowsAsync(() => cloud.ListAsync<Server>(Never).ToListAsync().AsTask())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_is_read_with_its_fault_and_other_properties()
    {
        _fake.On("GET /compute/v2.1/servers/x", Json("""
            {"server":{"id":"x","name":"n","status":"ERROR","image":"","created":"2026-11-22T10:00:00Z","OS-EXT-AZ:availability_zone":"zone-a",
            "tags":["t"],"metadata":{"k":"v"},
            "fault":{"code":500,"message":"No valid host was found."},"flavor":{"original_name":"m1.small","vcpus":1,"ram":2048,"disk":20,"extra_specs":{}},
            "addresses":{"net":[{"addr":"10.0.0.5","version":4,"OS-EXT-IPS:type":"fixed"}]},
            "os-extended-volumes:volumes_attached":[{"id":"vol","delete_on_termination":true}]}}
            """));
        using var cloud = await _fake.OpenAsync();
        var server = await cloud.GetAsync<Server>("x", Never);
        Assert.Equal(("ERROR", "No valid host was found.", "zone-a", null, "m1.small"),
            (server.Status, server.Fault!.Message, server.AvailabilityZone, server.Image, server.Flavor!.OriginalName));
        Assert.Equal(("10.0.0.5", "fixed", "vol", "v"), (server.Addresses["net"][0].Addr, server.Addresses["net"][0].Type,
            server.Volumes[0].Id, server.Metadata["k"]));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero), server.Created);
    }

    [Theory]
    [InlineData(400, """{"badRequest":{"code":400,"message":"Flavor's disk is too small"}}""", "CloudRefused", "Flavor's disk is too small")]
    [InlineData(403, """{"forbidden":{"code":403,"message":"Policy doesn't allow it"}}""", "CloudForbidden", "Policy doesn't allow it")]
    [InlineData(403, """{"forbidden":{"code":403,"message":"Quota exceeded for cores: Requested 2"}}""", "QuotaExceeded", "Quota exceeded for cores")]
    [InlineData(404, """{"itemNotFound":{"code":404,"message":"gone"}}""", "CloudNotFound", "gone")]
    [InlineData(409, """{"NeutronError":{"type":"SubnetInUse","message":"One or more ports","detail":""}}""", "CloudConflict", "One or more ports")]
    [InlineData(409, """{"NeutronError":{"type":"OverQuota","message":"Quota exceeded for resources: ['port'].","detail":""}}""", "QuotaExceeded", "['port']")]
    [InlineData(406, """{"errors":[{"title":"Not acceptable","detail":"Version 9 is not supported"}]}""", "CloudFailed", "Version 9 is not supported")]
    [InlineData(500, "<html><head><title>x</title></head><body><h1>Oh</h1> no</body></html>", "CloudFailed", "Oh no")]
    public async Task An_error_contains_the_services_message_and_request_id(int code, string body, string errorId, string message)
    {
        _fake.On("GET /compute/v2.1/servers/x", Json(body, code));
        using var cloud = await _fake.OpenAsync();
        var error = await ThrowsAsync(() => cloud.GetAsync<Server>("x", Never));
        Assert.Equal((errorId, code, "req-1"), (error.ErrorId, error.Answer()!.Code, error.Answer()!.RequestId));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("req-1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_resource_is_null_and_its_removal_succeeds()
    {
        _fake.On("GET /network/v2.0/ports/x", Json("{}", 404)).On("DELETE /network/v2.0/ports/x", Json("", 404))
            .On("DELETE /network/v2.0/ports/y", Json("", 204));
        using var cloud = await _fake.OpenAsync();
        Assert.Null(await cloud.FindAsync<Port>("x", Never));
        Assert.Equal((false, true), (await cloud.DeleteAsync<Port>("x", Never), await cloud.DeleteAsync<Port>("y", Never)));
    }

    [Fact]
    public async Task A_resource_in_use_is_removed_when_it_is_free_until_the_timeout()
    {
        var busy = Json("""{"NeutronError":{"type":"NetworkInUse","message":"in use","detail":""}}""", 409);
        _fake.On("DELETE /network/v2.0/networks/x", busy, busy, Json("", 204)).On("DELETE /network/v2.0/networks/y", busy);
        using var cloud = await _fake.OpenAsync();
        Assert.True(await cloud.DeleteAsync<Network>("x", TimeSpan.FromSeconds(20), Never));
        Assert.True((await ThrowsAsync(() => cloud.DeleteAsync<Network>("y", TimeSpan.FromMilliseconds(50), Never))).IsConflict());
    }

    [Fact]
    public async Task A_pause_that_the_service_requests_is_respected()
    {
        var clock = new QuickClock();
        _fake.On("POST /network/v2.0/networks", Json("{}", 429, ("Retry-After", "30")), Json("{}", 503, ("Retry-After", "30")),
            Json("""{"network":{"id":"n"}}""", 201));
        using var cloud = await _fake.OpenAsync(clock);
        var start = clock.GetTimestamp();
        Assert.Equal("n", (await cloud.CreateAsync<Network>(new { name = "n" }, Never)).Id);
        Assert.Equal(TimeSpan.FromSeconds(60), clock.GetElapsedTime(start));
    }

    [Fact]
    public async Task After_a_lost_connection_only_idempotent_requests_are_retried()
    {
        _fake.On("GET /network/v2.0/networks/x", Cut, Cut, Json("""{"network":{"id":"x"}}""")).On("POST /network/v2.0/networks", Cut)
            .On("POST /network/v2.0/routers", Json("{}", 503));
        using var cloud = await _fake.OpenAsync();
        Assert.Equal("x", (await cloud.GetAsync<Network>("x", Never)).Id);
        Assert.Equal("CloudUnreachable", (await ThrowsAsync(() => cloud.CreateAsync<Network>(new { name = "n" }, Never))).ErrorId);
        Assert.Equal("CloudBusy", (await ThrowsAsync(() => cloud.CreateAsync<Router>(new { name = "n" }, Never))).ErrorId);
        Assert.Equal(2, _fake.Seen.Count(seen => seen.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_hanging_service_times_out_and_Ctrl_C_ends_the_wait_immediately()
    {
        _fake.On("GET /network/v2.0/networks/x", Hang);
        var clock = new QuickClock();
        using var cloud = await _fake.OpenAsync(clock);
        var given = cloud.GetAsync<Network>("x", Never);
        await UntilAsync(() => _fake.Seen.Contains("GET /network/v2.0/networks/x"));
        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Contains("no response within 20 s", (await ThrowsAsync(() => given)).Message, StringComparison.Ordinal);
        using var stop = new CancellationTokenSource();
        var hanging = cloud.GetAsync<Network>("x", stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _fake.On("GET /network/v2.0/networks/x", Json("", 302, ("Location", _fake.Url + "/thief")));
        using var cloud = await _fake.OpenAsync();
        Assert.Equal("CloudInvalid", (await ThrowsAsync(() => cloud.GetAsync<Network>("x", Never))).ErrorId);
        Assert.DoesNotContain("GET /thief", _fake.Seen);
    }

    [Fact]
    public async Task A_response_that_does_not_conform_to_the_API_is_reported()
    {
        _fake.On("GET /network/v2.0/networks/x", Json("<html>please log in</html>"), Json("""{"network":{"id":{}}}"""));
        using var cloud = await _fake.OpenAsync();
        Assert.Contains("contains no 'network'", (await ThrowsAsync(() => cloud.GetAsync<Network>("x", Never))).Message, StringComparison.Ordinal);
        Assert.Contains("does not conform to the API", (await ThrowsAsync(() => cloud.GetAsync<Network>("x", Never))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_service_and_a_wrong_region_have_different_errors()
    {
        _fake.Catalog.Remove("image");
        using var cloud = await _fake.OpenAsync();
        var missing = await ThrowsAsync(() => cloud.GetAsync<Image>("x", Never));
        Assert.Equal("CloudServiceNotFound", missing.ErrorId);
        Assert.Contains("compute (public)", missing.NextStep, StringComparison.Ordinal);
        Assert.Null(cloud.Volume);
        using var elsewhere = await _fake.OpenAsync(config: _fake.Config with { Region = "two" });
        using var inside = await _fake.OpenAsync(config: _fake.Config with { Interface = "internal" });
        Assert.Contains("no internal endpoint", (await ThrowsAsync(() => inside.GetAsync<Network>("x", Never))).Message, StringComparison.Ordinal);
        Assert.Equal("RegionNotFound", (await ThrowsAsync(() => elsewhere.GetAsync<Network>("x", Never))).ErrorId);
    }

    [Fact]
    public async Task A_service_may_have_its_own_region_and_interface()
    {
        _fake.On("GET /image/v2/images/x", Json("""{"id":"x"}"""));
        using var cloud = await _fake.OpenAsync(config: _fake.Config with
        {
            Regions = new Dictionary<string,
            string>
            { ["compute"] = "two" },
            Interfaces = new Dictionary<string, string> { ["network"] = "internal" }
        });
        Assert.Equal("x", (await cloud.GetAsync<Image>("x", Never)).Id);
        Assert.Contains("the region two has no compute service", (await ThrowsAsync(() => cloud.GetAsync<Server>("x", Never))).Message,
            StringComparison.Ordinal);
        Assert.Contains("no internal endpoint of network", (await ThrowsAsync(() => cloud.GetAsync<Network>("x", Never))).Message, StringComparison.Ordinal);
    }

    private static Task<KlException> ThrowsAsync(Func<Task> work) => Assert.ThrowsAsync<KlException>(work);

    private static async Task UntilAsync(Func<bool> done)
    {
        using var timeout = new CancellationTokenSource(Gates.Timeout);
        while (!done())
            await Task.Delay(5, timeout.Token);
    }
}
