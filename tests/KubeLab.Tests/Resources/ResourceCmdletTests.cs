using KubeLab.Engine.Manifests;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Resources;

public sealed class ResourceCmdletTests
{
    private const string Core = """{"resources":[{"name":"configmaps","singularName":"","kind":"ConfigMap","namespaced":true,"shortNames":["cm"],"verbs":"""
        + """["list","watch"]},{"name":"pods","kind":"Pod","namespaced":true,"shortNames":["po"]},{"name":"usages","kind":"Usage","namespaced":true"""
        + ""","verbs":["get","list"]},{"name":"pods/log","kind":"Pod","namespaced":true}]}""";
    private const string Groups = """{"groups":[{"name":"x.io","versions":[{"groupVersion":"x.io/v1beta1","version":"v1beta1"},"""
        + """{"groupVersion":"x.io/v1","version":"v1"}],"preferredVersion":{"groupVersion":"x.io/v1","version":"v1"}},{"name":"down.io","versions":["""
        + """{"groupVersion":"down.io/v1","version":"v1"}]}]}""";
    private const string Map = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","uid":"1","extra":[1,{"b":null}]}"""
        + ""","data":{"k":"v"}}""";

    [Theory]
    [InlineData("cm", "/api/v1/namespaces/default/configmaps")]
    [InlineData("ConfigMap", "/api/v1/namespaces/default/configmaps")]
    [InlineData("foos", "/apis/x.io/v1/foos")]
    [InlineData("old.v1beta1.x.io", "/apis/x.io/v1beta1/namespaces/default/olds")]
    public async Task A_kind_is_found_by_each_of_its_names(string kind, string path)
    {
        await using var fake = await ServerAsync();
        fake.On("GET " + path, FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"a"}}]}"""));
        Assert.Equal("a", Assert.Single(Kubectl.Run(fake, $"Get-KlResource {kind}").Good<KlResource>()).Name);
    }

    [Fact]
    public async Task Discovery_is_cached_and_an_unknown_kind_is_an_error()
    {
        await using var fake = await ServerAsync();
        fake.On("GET /api/v1/namespaces/default/pods", FakeApi.Json("""{"metadata":{},"items":[]}"""), FakeApi.Json("""{"metadata":{},"items":[]}"""));
        Assert.Empty(Kubectl.Run(fake, "Get-KlResource pods; Get-KlResource po").Errors);
        Assert.Single(fake.Seen, one => one == "GET /apis");
        fake.On("GET /apis", FakeApi.Json("""{"groups":[]}""")).On("GET /api/v1", FakeApi.Json(Core));
        Assert.StartsWith("KubeKindNotFound,", Assert.Single(Kubectl.Run(fake, "Get-KlResource nonsense").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_category_is_found()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /apis", FakeApi.Json("""{"groups":[]}"""), FakeApi.Json("""{"groups":[]}"""))
            .On("GET /api/v1", FakeApi.Json(Core),
                FakeApi.Json("""{"resources":[{"name":"pods","kind":"Pod","namespaced":true,"categories":["mine"],"verbs":["list"]}]}"""))
            .On("GET /api/v1/namespaces/default/pods", FakeApi.Json("""{"items":[]}"""), FakeApi.Json("""{"items":[{"metadata":{"name":"p"}}]}"""));
        Assert.Equal(["p"], Kubectl.Run(fake, "Get-KlResource pods; Get-KlResource mine").Good<KlResource>().Select(one => one.Name));
    }

    [Fact]
    public async Task An_object_has_all_fields_as_properties()
    {
        await using var fake = await ServerAsync();
        fake.On("GET /api/v1/configmaps", FakeApi.Json($$"""{"metadata":{},"items":[{{Map}}]}"""), FakeApi.Json($$"""{"metadata":{},"items":[{{Map}}]}"""));
        var result = Kubectl.Run(fake,
            "$one = Get-KlResource cm A* -AllNamespaces -Label x=y,z!=w -Field a=b,c!=d; $one.Object.data.k; $one.Object.metadata.extra[0]; "
                + "$one.Json -replace '\\s'");
        Assert.Equal(["v", 1L, Map], result.Good<object>());
        Assert.EndsWith("?limit=100&labelSelector=x%3Dy%2Cz%21%3Dw&fieldSelector=a%3Db%2Cc%21%3Dd", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_category_selects_several_kinds_and_cannot_be_watched()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /apis", FakeApi.Json("""{"groups":[]}"""))
            .On("GET /api/v1", FakeApi.Json("""{"resources":[{"name":"pods","kind":"Pod","namespaced":true,"categories":["all"],"verbs":["list"]},"""
                + """{"name":"configmaps","kind":"ConfigMap","namespaced":true,"verbs":["list"]},{"name":"services","kind":"Service","namespaced":true"""
                + ""","categories":["all"],"verbs":["list"]}]}"""))
            .On("GET /api/v1/namespaces/default/pods", FakeApi.Json("""{"items":[{"metadata":{"name":"p"}}]}"""))
            .On("GET /api/v1/namespaces/default/services", FakeApi.Json("""{"items":[{"metadata":{"name":"s"}}]}"""));
        var result = Kubectl.Run(fake, "Get-KlResource all; Get-KlResource all -Watch");
        Assert.Equal(["Pod p", "Service s"], result.As<KlResource>().Select(one => $"{one.Kind} {one.Name}"));
        Assert.StartsWith("KubeKindMany,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_view_shows_details_but_only_the_sizes_of_secret_values()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /apis", FakeApi.Json("""{"groups":[]}"""))
            .On("GET /api/v1", FakeApi.Json("""{"resources":[{"name":"secrets","kind":"Secret","namespaced":true}]}"""))
            .On("GET /api/v1/namespaces/default/secrets", FakeApi.Json("""
                {"items":[{"metadata":{"name":"s","namespace":"default","uid":"u","labels":{"a":"b"},
                  "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{data: aHVudGVyMg==}","x":"y"},
                  "ownerReferences":[{"kind":"Foo","name":"f","controller":true}]},"data":{"p":"aHVudGVyMg==","q":""},
                  "status":{"conditions":[{"type":"Ready","status":"True","reason":"Fine"}]}}]}
                """))
            .On("GET /api/v1/namespaces/default/events",
                FakeApi.Json("""{"items":[{"metadata":{"name":"e","namespace":"default"},"involvedObject":{"kind":"Secret","name":"s","uid":"u"}"""
                    + ""","message":"made"}]}"""));
        var result = Kubectl.Run(fake,
            "$one = Get-KlResource secrets s; $all = $one.Detail(); $all.Labels; $all.Annotations; $all.Owner; $all.Conditions; $all.Data; ($one | "
                + "Get-KlEvent).Message");
        Assert.Equal(["a=b", "x=y", "Foo/f", "Ready True  Fine", "p: 7 bytes\nq: 0 bytes", "made"], result.Good<string>());
        Assert.EndsWith("fieldSelector=involvedObject.name%3Ds", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_contain_the_values_of_a_secret_only_with_ShowSecret()
    {
        await using var fake = await FakeApi.StartAsync();
        var list = FakeApi.Json("""
            {"items":[{"metadata":{"name":"s","namespace":"default",
              "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{data: aHVudGVyMg==}","x":"y"}},"data":{"p":"aHVudGVyMg=="}}]}
            """);
        fake.On("GET /apis", FakeApi.Json("""{"groups":[]}"""))
            .On("GET /api/v1", FakeApi.Json("""{"resources":[{"name":"secrets","kind":"Secret","namespaced":true}]}"""))
            .On("GET /api/v1/namespaces/default/secrets", list, list);
        var result = Kubectl.Run(fake, """
            $one = Get-KlResource secrets s
            $one.Object.data.p
            $one.Json, [Management.Automation.PSSerializer]::Serialize($one) -match 'aHVudGVyMg|last-applied'
            $one.Object.metadata.annotations.x
            $one
            $shown = Get-KlResource secrets s -ShowSecret
            $shown.Object.data.p
            $shown.Json -match '"p": "aHVudGVyMg=="'
            """);
        Assert.Equal(["(7 bytes)", "y", "s", "aHVudGVyMg==", true], result.Good<object>().Select(one => one is KlResource ? $"{one}" : one));
        Assert.Contains("aHVudGVyMg==", ManifestSource.Of(result.Output.OfType<KlResource>().Single()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_runs_until_it_is_stopped()
    {
        await using var fake = await ServerAsync();
        fake.On("GET /api/v1/namespaces/default/configmaps", FakeApi.Json($$"""{"metadata":{"resourceVersion":"5"},"items":[{{Map}}]}"""),
            FakeApi.Lines(new TaskCompletionSource().Task, $$"""{"type":"DELETED","object":{{Map}}}"""));
        var result = Kubectl.Run(fake, "Get-KlResource cm -Watch | ForEach-Object { $_.Change; if ($_.Change -eq 'Deleted') { throw 'enough' } }");
        Assert.Equal(["Added", "Deleted"], result.As<string>());
        Assert.Equal("enough", result.Ended!.ToString());
    }

    [Fact]
    public async Task Remove_waits_until_the_object_is_deleted_or_replaced()
    {
        await using var fake = await ServerAsync();
        fake.On("GET /api/v1/namespaces/default/configmaps/a", FakeApi.Json(Map))
            .On("GET /api/v1/namespaces/default/configmaps", FakeApi.Json(Listed(Map)), FakeApi.Lines(new TaskCompletionSource().Task,
                $$"""{"type":"MODIFIED","object":{{Map}}}""", """{"type":"ADDED","object":{"metadata":{"name":"a","uid":"2"}}}""",
                $$"""{"type":"DELETED","object":{{Map}}}"""))
            .On("DELETE /api/v1/namespaces/default/configmaps/a", FakeApi.Json("{}"));
        Assert.Empty(Kubectl.Run(fake, "Remove-KlResource cm a -Cascade Orphan; Remove-KlResource cm b -WhatIf").Errors);
        Assert.Contains("DELETE /api/v1/namespaces/default/configmaps/a?propagationPolicy=Orphan", fake.Seen);
    }

    [Fact]
    public async Task The_removal_timeout_names_the_finalizers()
    {
        await using var fake = await ServerAsync();
        var finalized = Map.Replace("\"extra\"", "\"finalizers\":[\"x.io/keep\"],\"extra\"", StringComparison.Ordinal);
        fake.On("GET /api/v1/namespaces/default/configmaps/a", FakeApi.Json(finalized))
            .On("GET /api/v1/namespaces/default/configmaps", FakeApi.Json(Listed(finalized)))
            .On("DELETE /api/v1/namespaces/default/configmaps/a", FakeApi.Json("{}"));
        var error = Assert.Single(Kubectl.Run(fake, "Remove-KlResource cm a -Timeout 0").Errors);
        Assert.StartsWith("RemovalTimeout,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("blocked by the finalizers x.io/keep", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Condition Ready", """{"conditions":[{"type":"Ready","status":"True"}]}""", null)]
    [InlineData("-Condition Ready=false", """{"conditions":[{"type":"Ready","status":"False"}]}""", null)]
    [InlineData("-Condition Ready", """{"phase":"Failed","reason":"Evicted","conditions":[]}""", "the pod has terminated: Failed (Evicted).")]
    [InlineData("-Condition Ready", """{"conditions":[{"type":"Ready","status":"False","reason":"Sleepy"}]}""", "Ready is False (Sleepy).")]
    [InlineData("-JsonPath '{.status.phase}=Running'", """{"phase":"Running"}""", null)]
    [InlineData("-JsonPath '{.status.phase}=Running'", """{"phase":"Succeeded"}""", "the pod has terminated: Succeeded.")]
    [InlineData("-JsonPath '.status.conditions[?(@.type==\"Ready\")].status=True'",
        """{"conditions":[{"type":"A","status":"False"},{"type":"Ready","status":"True"}]}""", null)]
    [InlineData("-JsonPath '.status[x'", "{}", "is not valid at")]
    [InlineData("-Condition Ready", null, "Pod default/p was not found.")]
    [InlineData("-Deleted", null, null)]
    public async Task A_wait_ends_when_the_result_is_certain(string goal, string? status, string? error)
    {
        await using var fake = await ServerAsync();
        fake.On("GET /api/v1/namespaces/default/pods", FakeApi.Json(Listed(status is null ? "" : Pod(status))));
        var result = Kubectl.Run(fake, $"Wait-KlResource pod p {goal} -Timeout 0");
        if (error is null)
            Assert.Empty(result.Errors);
        else
            Assert.Contains(error, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        Assert.Equal(error is null && status is not null ? 1 : 0, result.Output.Count);
    }

    [Theory]
    [InlineData("-Condition Ready", "MODIFIED", """{"conditions":[{"type":"Ready","status":"True"}]}""", null)]
    [InlineData("-Condition Ready", "DELETED", "{}", "it was deleted")]
    [InlineData("-Deleted", "DELETED", "{}", null)]
    [InlineData("-JsonPath '{.status.phase}=Running'", "MODIFIED", """{"phase":"Failed"}""", "the pod has terminated: Failed.")]
    public async Task A_wait_uses_a_watch_and_survives_lost_connections(string goal, string type, string status, string? error)
    {
        await using var fake = await ServerAsync();
        var begun = Task.CompletedTask;
        fake.On("GET /api/v1/namespaces/default/pods", FakeApi.Json(Listed(Pod("{}"))),
            FakeApi.Lines(begun, $$"""{"type":"MODIFIED","object":{{Pod("""{"conditions":[{"type":"Ready","status":"False"}]}""")}}}"""),
            FakeApi.Json("starting", 503), FakeApi.Lines(new TaskCompletionSource().Task, $$"""{"type":"{{type}}","object":{{Pod(status)}}}"""));
        var result = Kubectl.Run(fake, $"Wait-KlResource pod p {goal}", new QuickClock());
        if (error is null)
            Assert.Empty(result.Errors);
        else
            Assert.Contains(error, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        Assert.Equal(["limit=100&fieldSelector=metadata.name%3Dp", .. Enumerable.Repeat("fieldSelector=metadata.name%3Dp", 3)], fake.Seen
            .Where(one => one.Contains("/pods?", StringComparison.Ordinal)).Select(one => one.Split('?')[1]).Select(query =>
                query.Contains("watch=true", StringComparison.Ordinal) ? query[query.IndexOf("fieldSelector", StringComparison.Ordinal)..] : query));
    }

    [Fact]
    public async Task An_object_that_cannot_be_watched_is_polled()
    {
        await using var fake = await ServerAsync();
        const string Usage = "/api/v1/namespaces/default/usages/u";
        fake.On("GET " + Usage, FakeApi.Json("""{"kind":"Usage","metadata":{"name":"u"},"phase":"a"}"""),
            FakeApi.Json("""{"kind":"Usage","metadata":{"name":"u"},"phase":"b"}"""));
        Assert.Equal("u", Assert.Single(Kubectl.Run(fake, "Wait-KlResource usages u -JsonPath .phase=b", new QuickClock()).Good<KlResource>()).Name);
    }

    private static string Listed(string items) => $$"""{"metadata":{"resourceVersion":"5"},"items":[{{items}}]}""";

    private static string Pod(string status) =>
        $$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"default","uid":"1","resourceVersion":"6"},"status":{{status}}}""";

    private static async Task<FakeApi> ServerAsync() => (await FakeApi.StartAsync())
        .On("GET /apis", FakeApi.Json(Groups)).On("GET /api/v1", FakeApi.Json(Core))
        .On("GET /apis/x.io/v1", FakeApi.Json("""{"resources":[{"name":"foos","kind":"Foo","namespaced":false}]}"""))
        .On("GET /apis/x.io/v1beta1",
            FakeApi.Json("""{"resources":[{"name":"foos","kind":"Foo","namespaced":false},"""
                + """{"name":"olds","singularName":"old","kind":"Old","namespaced":true}]}"""))
        .On("GET /apis/down.io/v1", FakeApi.Status(503, "ServiceUnavailable", "down"));
}
