using System.Xml.Linq;
using KubeLab.Tests.Deployments;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Resources;

public sealed class WatchCmdletTests
{
    private const string Workload = "{\"containers\":[],\"selector\":{},\"template\":{\"spec\":{\"containers\":[]}},\"ports\":[]}";

    [Theory]
    [InlineData("Get-KlPod", "/api/v1/namespaces/default/pods")]
    [InlineData("Get-KlPod -AllNamespaces", "/api/v1/pods")]
    [InlineData("Get-KlNode", "/api/v1/nodes")]
    [InlineData("Get-KlDeployment", "/apis/apps/v1/namespaces/default/deployments")]
    [InlineData("Get-KlService", "/api/v1/namespaces/default/services")]
    [InlineData("Get-KlEvent", "/api/v1/namespaces/default/events")]
    public async Task Existing_objects_are_followed_by_all_changes_although_watches_expire(string command, string path)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET " + path, List(5, One("a", 5)));
        if (path.EndsWith("events", StringComparison.Ordinal))
            // Sorted list, then watch.
            fake.On("GET " + path, List(5, One("a", 5)));
        if (path.EndsWith("services", StringComparison.Ordinal))
            fake.On("GET /api/v1/nodes", FakeApi.Json("""{"items":[]}"""));
        fake.On("GET " + path,
            FakeApi.Lines(Change("ADDED", "b", 6)),
            FakeApi.Lines("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"} }"""),
            List(9, One("b", 8)),
            FakeApi.Lines(new TaskCompletionSource().Task, Change("DELETED", "b", 10)));

        var result = Kubectl.Run(fake,
            $"{command} -Watch | ForEach-Object {{ \"$($_.Change) $($_.Name)\"; "
                + "if ($_.Change -eq 'Deleted' -and $_.Name -eq 'b') { throw $_.PSObject.TypeNames[0] } }", new QuickClock());

        Assert.Equal(["Added a", "Added b", "Modified b", "Deleted a", "Deleted b"], result.As<string>());
        Assert.EndsWith("#Watched", result.Ended!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-KlPod")]
    [InlineData("Get-KlResource pods")]
    public async Task A_watch_of_a_missing_namespace_is_an_error(string command)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /apis", FakeApi.Json("""{"groups":[]}"""))
            .On("GET /api/v1", FakeApi.Json("""{"resources":[{"name":"pods","singularName":"pod","kind":"Pod","namespaced":true}]}"""))
            .On("GET /api/v1/namespaces/nowhere", FakeApi.Status(404, "NotFound", "no such namespace"));
        Assert.StartsWith("NamespaceNotFound,", Assert.Single(WorkloadCmdletTests.Run(fake,
            $"{command} -Namespace nowhere -Watch").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_name_is_sent_as_a_field_selector()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/namespaces/default/pods", List(5, One("web", 5)), List(5, One("web", 5), One("db", 5)))
            .On("GET /api/v1/namespaces/default/events", List(5, One("web", 5)));
        Assert.Single(WorkloadCmdletTests.Run(fake, "Get-KlPod WEB -Field status.phase=Running").Good<KlPod>());
        Assert.Single(WorkloadCmdletTests.Run(fake, "Get-KlPod w* -Field status.phase=Running").Good<KlPod>());
        Assert.Single(WorkloadCmdletTests.Run(fake, "Get-KlEvent pod/x -Field reason=BackOff").Good<KlEvent>());
        Assert.Equal(["metadata.name%3Dweb%2Cstatus.phase%3DRunning", "status.phase%3DRunning", "reason%3DBackOff%2CinvolvedObject.name%3Dx"],
            fake.Seen.Select(one => one.Split("fieldSelector=")[1]));
    }

    [Theory]
    [InlineData("Get-KlPod", "/api/v1/namespaces/nope/pods")]
    [InlineData("Get-KlPod web", "/api/v1/namespaces/nope/pods")]
    [InlineData("Get-KlEvent", "/api/v1/namespaces/nope/events")]
    public async Task A_missing_namespace_is_one_error(string command, string path)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET " + path, List(5)).On("GET /api/v1/namespaces/nope", FakeApi.Status(404, "NotFound", "none"));
        var error = Assert.Single(WorkloadCmdletTests.Run(fake, $"{command} -Namespace nope").Errors);
        Assert.StartsWith("NamespaceNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_or_forbidden_namespace_is_not_an_error()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/namespaces/a/pods", List(5), List(5))
            .On("GET /api/v1/namespaces/a", FakeApi.Json("""{"metadata":{"name":"a"}}"""), FakeApi.Status(403, "Forbidden", "no"));
        Assert.Empty(WorkloadCmdletTests.Run(fake, "Get-KlPod -Namespace a; Get-KlPod x* -Namespace a").Good<KlPod>());
    }

    [Fact]
    public void Views_of_watched_objects_do_not_wait_for_all_objects()
    {
        var views = XDocument.Load(Path.Combine(Repository.Root, "Module", "KubeLab.Format.ps1xml")).Descendants("View")
            .Where(view => view.Element("ViewSelectedBy")!.Value.Contains("#Watched", StringComparison.Ordinal)).ToList();
        Assert.Equal(6, views.Count);
        Assert.Empty(views.SelectMany(view => view.Descendants("AutoSize").Concat(view.Elements("GroupBy"))));
    }

    private static Microsoft.AspNetCore.Http.RequestDelegate List(int version, params string[] items) =>
        FakeApi.Json($$"""{"metadata":{"resourceVersion":"{{version}}"},"items":[{{string.Join(',', items)}}]}""");

    private static string One(string name, int version) =>
        $$"""{"metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}","resourceVersion":"{{version}}"},"involvedObject":"""
            + $$"""{"kind":"Pod","name":"x"},"spec":{{Workload}}}""";

    private static string Change(string type, string name, int version) => $$"""{"type":"{{type}}","object":{{One(name, version)}}}""";
}
