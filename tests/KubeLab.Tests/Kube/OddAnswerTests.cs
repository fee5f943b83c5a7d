using k8s.Models;

namespace KubeLab.Tests.Kube;

/// <summary>Unusual responses of a server become values, or errors that describe them.</summary>
public sealed class OddAnswerTests
{
    private const string Pods = "GET /api/v1/namespaces/default/pods";

    [Theory]
    [InlineData("""{"metadata":null,"items":null}""", 0)]
    [InlineData("""{"items":[null]}""", 0)]
    [InlineData("""{"items":[{"metadata":null},null,{}]}""", 2)]
    [InlineData("""{"items":[{"metadata":{"name":null,"labels":null,"ownerReferences":[null]},"spec":null,"status":null}]}""", 1)]
    [InlineData("""{"items":[{"spec":{"containers":null,"nodeName":null},"status":{"conditions":[null],"containerStatuses":[null],"podIPs":null}}]}""", 1)]
    [InlineData("""{"items":[{"spec":{"containers":[null,{"name":null,"ports":[null]}]},"status":{"containerStatuses":["""
        + """{"state":null,"lastState":null,"name":null}]}}]}""", 1)]
    public async Task Pods_with_null_fields_are_shown(string answer, int count)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, FakeApi.Json(answer));
        Assert.Equal(count, Kubectl.Run(fake, "Get-KlPod").Good<object>().Count);
    }

    [Theory]
    [InlineData("Get-KlDeployment", "/apis/apps/v1/namespaces/default/deployments")]
    [InlineData("Get-KlService", "/api/v1/namespaces/default/services")]
    [InlineData("Get-KlNode", "/api/v1/nodes")]
    [InlineData("Get-KlEvent", "/api/v1/namespaces/default/events")]
    public async Task Objects_of_any_kind_with_null_fields_are_shown(string command, string path)
    {
        await using var fake = await FakeApi.StartAsync();
        foreach (var odd in (string[])["{}", """{"metadata":null,"spec":null,"status":null}""",
            """{"metadata":{"labels":null,"annotations":null},"spec":{"template":null,"selector":null,"ports":[null],"taints":[null]},"status":"""
                + """{"conditions":[null],"addresses":[null],"nodeInfo":null}}"""])
        {
            fake.On("GET " + path, FakeApi.Json($$"""{"items":[{{odd}},null]}"""));
            if (command == "Get-KlService")
                fake.On("GET /api/v1/nodes", FakeApi.Json("""{"items":[]}"""));
            Assert.True(Kubectl.Run(fake, command).Good<object>().Count == 1, odd);
        }
    }

    [Theory]
    [InlineData("null", "was null")]
    [InlineData("[]", "an unexpected body")]
    [InlineData("5", "an unexpected body")]
    [InlineData("<html>", "an unexpected body")]
    [InlineData("", "an unexpected body")]
    [InlineData("""{"items":5}""", "an unexpected body")]
    [InlineData("""{"items":[{"metadata":5}]}""", "an unexpected body")]
    public async Task A_response_of_another_kind_is_an_error_that_says_so(string answer, string expected)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, FakeApi.Json(answer));
        using var api = fake.Open();
        var error = await Assert.ThrowsAsync<KlException>(async () => await api.ListAsync<V1Pod>("default", (string?)null, default).ToListAsync());
        Assert.Equal("KubeFailed", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":null}""")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":null,"object":{}}""")]
    [InlineData("""{"type":"PATCHED","object":{}}""")]
    [InlineData("""{"object":{}}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"type":"ERROR","object":null}""")]
    public async Task An_invalid_watch_event_is_an_error(string line)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, FakeApi.Json("""{"metadata":{"resourceVersion":"1"},"items":[]}"""), FakeApi.Lines(line))
            .On(Pods, [.. Enumerable.Repeat(FakeApi.Status(403, "Forbidden", "no"), 3)]);
        using var api = fake.Open();
        var error = await Assert.ThrowsAsync<KlException>(async () => await api.WatchAsync<V1Pod>("default", new(), default).FirstAsync());
        Assert.Contains(error.ErrorId, (string[])["KubeFailed", "KubeForbidden"]);
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"metadata":null}}""")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":null,"uid":null}}}""")]
    [InlineData("""{"type":"DELETED","object":{}}""")]
    public async Task A_watch_event_for_an_object_without_metadata_is_reported(string line)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, FakeApi.Json("""{"metadata":{"resourceVersion":"1"},"items":[]}"""), FakeApi.Lines(line));
        using var api = fake.Open();
        Assert.NotNull((await api.WatchAsync<V1Pod>("default", new(), default).FirstAsync()).Object.Metadata);
    }

    [Theory]
    [InlineData("""{"groups":null}""", "null")]
    [InlineData("""{"groups":[null,{"name":"a","versions":null},{"versions":[null,{"groupVersion":null}]}]}""", """{"resources":null}""")]
    [InlineData("""{"groups":[]}""", """{"resources":[null,{"name":null},{"kind":"A"},{"name":"pods","kind":"Pod","verbs":null,"shortNames":[null]}]}""")]
    public async Task Discovery_tolerates_null_fields(string groups, string core)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /apis", FakeApi.Json(groups)).On("GET /api/v1", FakeApi.Json(core));
        using var api = fake.Open();
        var error = await Assert.ThrowsAsync<KlException>(() => api.KindAsync("widgets", default));
        Assert.Contains(error.ErrorId, (string[])["KubeKindNotFound", "KubeGroupUnavailable"]);
    }

    [Theory]
    [InlineData("""{"kind":"Status","code":422,"details":{"causes":[null,{"field":null}]}}""")]
    [InlineData("""{"kind":"Status","message":null,"details":null}""")]
    [InlineData("null")]
    [InlineData("[]")]
    public async Task An_error_status_with_null_fields_is_an_error(string answer)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/nodes/n", FakeApi.Json(answer, 422));
        using var api = fake.Open();
        Assert.Equal("KubeInvalid", (await Assert.ThrowsAsync<KlException>(() => api.FindAsync<V1Node>("n", null, default))).ErrorId);
    }

    [Theory]
    [InlineData(200, "KubeAnswerTooLong")]
    [InlineData(500, "KubeFailed")]
    public async Task An_endless_response_is_cut_off(int code, string id)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /apis", async context =>
        {
            context.Response.StatusCode = code;
            var piece = new byte[1 << 20];
            Array.Fill(piece, (byte)' ');
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        });
        using var api = fake.Open();
        var error = await Assert.ThrowsAsync<KlException>(() => api.KindAsync("widgets", default));
        Assert.Equal(id, error.ErrorId);
        Assert.True(error.Message.Length < 9000);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(404)]
    public async Task An_unavailable_group_does_not_affect_others_and_is_named_if_a_kind_is_not_found(int code)
    {
        await using var fake = await FakeApi.StartAsync();
        for (var i = 0; i < 3; i++)
            fake.On("GET /apis", FakeApi.Json(
                """{"groups":[{"name":"down.io","versions":[{"groupVersion":"down.io/v1"}]},{"name":"up.io","versions":[{"groupVersion":"up.io/v1"}]}]}"""))
                .On("GET /api/v1", FakeApi.Json("""{"resources":[{"name":"pods","kind":"Pod","namespaced":true}]}"""))
                .On("GET /apis/up.io/v1", FakeApi.Json("""{"resources":[{"name":"ups","kind":"Up","namespaced":true}]}"""))
                .On("GET /apis/down.io/v1", FakeApi.Status(code, "", "the server is currently unable to handle the request"));
        using var api = fake.Open();
        Assert.Equal("Up", (await api.KindAsync("ups", default)).Kind);
        var error = await Assert.ThrowsAsync<KlException>(() => api.KindAsync("widgets", default));
        Assert.Equal(code == 404 ? "KubeKindNotFound" : "KubeGroupUnavailable", error.ErrorId);
        Assert.Equal(code != 404, error.Message.Contains("down.io/v1", StringComparison.Ordinal));
        if (code != 404)
            Assert.Contains("down.io/v1", (await Assert.ThrowsAsync<KlException>(() => api.KindAsync("down.io/v1", "Widget", default))).Message,
                StringComparison.Ordinal);
    }
}
