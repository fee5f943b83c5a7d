using System.Text.Json.Nodes;
using k8s.Models;

namespace KubeLab.Tests.Kube;

public sealed class KubeApiTests
{
    private const string Pods = "GET /api/v1/namespaces/default/pods";
    private const string Map = "/api/v1/namespaces/default/configmaps/a";

    [Fact]
    public async Task A_request_to_a_busy_server_is_retried_after_the_requested_time()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/nodes/n", FakeApi.Json("{}", 429, retryAfter: 0), FakeApi.Json("slow down", 503, retryAfter: 0),
            FakeApi.Json("""{"metadata":{"name":"n"}}"""));
        using var api = fake.Open();
        Assert.Equal("n", (await api.FindAsync<V1Node>("n", null, default))!.Metadata.Name);
    }

    [Fact]
    public async Task A_list_follows_its_pages_and_continues_after_its_snapshot_expired()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods,
            FakeApi.Json("""{"metadata":{"continue":"x/y=","resourceVersion":"7"},"items":[{"metadata":{"name":"a"}}]}"""),
            FakeApi.Json("""{"kind":"Status","code":410,"reason":"Expired","message":"too old","metadata":{"continue":"later"}}""", 410),
            FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"b"}}]}"""));
        using var api = fake.Open();
        var pods = await api.ListAsync<V1Pod>("default", "app=web,tier!=db", default).ToListAsync();
        Assert.Equal(["a", "b"], pods.Select(p => p.Metadata.Name));
        Assert.All(pods, p => Assert.Equal(("v1", "Pod"), (p.ApiVersion, p.Kind)));
        Assert.Equal(
            ["?limit=100&labelSelector=app%3Dweb%2Ctier%21%3Ddb", "?limit=500&labelSelector=app%3Dweb%2Ctier%21%3Ddb&continue=x%2Fy%3D",
                "?limit=500&labelSelector=app%3Dweb%2Ctier%21%3Ddb&continue=later"],
            fake.Seen.Select(s => s[Pods.Length..]));
    }

    [Theory]
    [InlineData(401, "Unauthorized", "", "KubeUnauthorized", KlErrorKind.Denied, "said")]
    [InlineData(403, "Forbidden", "", "KubeForbidden", KlErrorKind.Denied, "said")]
    [InlineData(409, "AlreadyExists", "", "KubeExists", KlErrorKind.Exists, "said")]
    [InlineData(409, "Conflict",
        ""","details":{"name":"web","kind":"deployments","causes":["""
            + """{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" using apps/v1","field":".spec.replicas"}]}""",
        "KubeConflict", KlErrorKind.Exists, "deployments/web: .spec.replicas: conflict with \"kubectl\"")]
    [InlineData(422, "Invalid", ""","details":{"name":"web","causes":[{"message":"too low","field":"spec.a"},{"message":"too high","field":"spec.b"}]}""",
        "KubeInvalid", KlErrorKind.InvalidData, "spec.b: too high")]
    [InlineData(500, "", ""","message":"failed to create typed patch object: .spec.ports: element 0: no protocol" """,
        "KubeInvalid", KlErrorKind.InvalidData, "no protocol")]
    [InlineData(500, "InternalError", "", "KubeFailed", KlErrorKind.Failed, "said")]
    public async Task An_error_response_becomes_an_error_with_its_id_and_the_servers_message(int code, string reason,
        string more, string id, KlErrorKind kind, string expected)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/nodes/n", FakeApi.Status(code, reason, "said", more));
        using var api = fake.Open();
        var error = await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default));
        Assert.Equal((id, kind), (error.ErrorId, error.Kind));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxys_page_is_shown_unchanged()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/nodes/n", FakeApi.Json("<html>Bad Gateway</html>", 502));
        using var api = fake.Open();
        var error = await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default));
        Assert.Equal(("KubeUnavailable", "<html>Bad Gateway</html>"), (error.ErrorId, error.Message));
    }

    [Fact]
    public async Task A_stopped_or_silent_server_is_unreachable_and_a_cancelled_request_is_cancelled()
    {
        var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/nodes/n", FakeApi.Hang, FakeApi.Hang);
        using var api = fake.Open(TimeSpan.FromMilliseconds(200));
        Assert.Equal("KubeUnreachable", (await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default))).ErrorId);
        using var patient = fake.Open();
        using var stop = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient.FindAsync<V1Node>("n", null, stop.Token));
        await fake.DisposeAsync();
        var error = await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default));
        Assert.Equal(("KubeUnreachable", KlErrorKind.Unreachable), (error.ErrorId, error.Kind));
    }

    [Fact]
    public async Task An_absent_object_is_null_for_find_and_false_for_delete()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /apis/apps/v1/namespaces/default/deployments/a", FakeApi.Status(404, "NotFound", "none"))
            .On("DELETE /apis/apps/v1/namespaces/default/deployments/a", FakeApi.Status(404, "NotFound", "none"));
        using var api = fake.Open();
        Assert.Null(await api.FindAsync<V1Deployment>("a", "default", default));
        Assert.False(await api.DeleteAsync<V1Deployment>("a", "default", default));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a","resourceVersion":"1","managedFields":[{"time":"2026-01-01T00:00:00Z"}]},"data":{"k":"v"}}""", false)]
    [InlineData("""{"metadata":{"name":"a","resourceVersion":"1"},"data":{"k":"old"}}""", true)]
    public async Task An_apply_reports_a_change_only_if_the_content_differs(string before, bool changed)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET " + Map, FakeApi.Json(before))
            .On("PATCH " + Map, FakeApi.Json("""{"metadata":{"name":"a","resourceVersion":"2"},"data":{"k":"v"}}"""));
        using var api = fake.Open();
        var applied = await api.ApplyAsync(new V1ConfigMap
        {
            Metadata = new()
            { Name = "a", NamespaceProperty = "default" }, Data = new Dictionary<string, string> { ["k"] = "v" }
        }, default);
        Assert.Equal((changed, "v"), (applied.Changed, applied.Object.Data["k"]));
        Assert.Equal($"PATCH {Map}?fieldManager=kubelab&force=true", fake.Seen.Last());
        var (type, text) = Assert.Single(fake.Bodies);
        Assert.Equal("application/apply-patch+yaml", type);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(
            """{"apiVersion":"v1","data":{"k":"v"},"kind":"ConfigMap","metadata":{"name":"a","namespace":"default"}}"""), JsonNode.Parse(text)), text);
    }

    [Fact]
    public async Task Any_kind_is_applied_at_its_path_and_an_unknown_kind_is_looked_up_again()
    {
        await using var fake = await FakeApi.StartAsync();
        const string Kinds =
            """{"kind":"APIResourceList","groupVersion":"x.io/v1","resources":[{"name":"foos","kind":"Foo","namespaced":true},"""
                + """{"name":"foos/status","kind":"Foo","namespaced":true},{"name":"bars","kind":"Bar","namespaced":false}]}""";
        fake.On("GET /apis/x.io/v1", FakeApi.Json(Kinds), FakeApi.Json(Kinds));
        foreach (var path in (string[])["/apis/x.io/v1/namespaces/default/foos/a", "/apis/x.io/v1/bars/b"])
            fake.On("GET " + path, FakeApi.Status(404, "NotFound", "none")).On("PATCH " + path, FakeApi.Json("""{"metadata":{"name":"a"}}""", 201));
        using var api = fake.Open();
        JsonObject Object(string kind, string name) => new()
        { ["apiVersion"] = "x.io/v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };
        Assert.True((await api.ApplyAsync(Object("Foo", "a"), default)).Changed);
        Assert.True((await api.ApplyAsync(Object("Bar", "b"), default)).Changed);
        Assert.Equal("KubeKindNotFound", (await Assert.ThrowsAsync<KlException>(() => api.ApplyAsync(Object("Baz", "c"), default))).ErrorId);
        Assert.Equal(2, fake.Seen.Count(s => s == "GET /apis/x.io/v1"));
    }

    [Fact]
    public async Task A_log_is_requested_by_container_and_instance()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/namespaces/default/pods/p/log", FakeApi.Json("one\ntwo\n"));
        using var api = fake.Open();
        Assert.Equal("one\ntwo\n", await api.LogTailAsync("default", "p", "c", 20, previous: true, default));
        Assert.Equal("GET /api/v1/namespaces/default/pods/p/log?container=c&tailLines=20&previous=true", fake.Seen.Single());
    }
}
