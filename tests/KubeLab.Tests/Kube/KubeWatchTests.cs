using k8s.Models;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Kube;

public sealed class KubeWatchTests
{
    private const string Pods = "GET /api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_watch_resumes_after_the_last_version_if_its_connection_is_cut()
    {
        await using var fake = await FakeApi.StartAsync();
        var cut = new TaskCompletionSource();
        fake.On(Pods,
            List("10", Pod("a", 5)),
            FakeApi.Lines(cut.Task, Event("ADDED", "b", 11)),
            FakeApi.Json("starting", 503),
            FakeApi.Lines(Event("MODIFIED", "a", 12), """{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"20"}}}"""),
            FakeApi.Lines(Event("DELETED", "b", 21)));
        Assert.Equal(["Added a", "Added b", "Modified a", "Deleted b"], await WatchAsync(fake, 4, whenAddedB: cut.SetResult));
        Assert.Equal(["10", "11", "11", "20"], fake.Seen.Skip(1).Take(4).Select(s => s.Split("resourceVersion=")[1]));
        Assert.All(fake.Seen.Skip(1).Take(4), s => Assert.Contains("watch=true&allowWatchBookmarks=true&timeoutSeconds=", s, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_expired_version_makes_a_watch_list_again_and_report_the_difference(bool asEvent)
    {
        await using var fake = await FakeApi.StartAsync();
        var expired = """{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}""";
        fake.On(Pods,
            List("10", Pod("a", 5), Pod("b", 6), Pod("c", 7)),
            asEvent ? FakeApi.Lines($$"""{"type":"ERROR","object":{{expired}}}""") : FakeApi.Json(expired, 410),
            List("30", Pod("a", 5), Pod("b", 25), Pod("d", 26)),
            FakeApi.Lines(Event("ADDED", "e", 31)));
        Assert.Equal(["Added a", "Added b", "Added c", "Modified b", "Added d", "Deleted c", "Added e"], await WatchAsync(fake, 7));
    }

    [Fact]
    public async Task A_permanent_error_ends_a_watch_and_so_does_a_failed_first_list()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, List("10"), FakeApi.Status(403, "Forbidden", "no"), FakeApi.Json("down", 503));
        Assert.Equal("KubeForbidden", (await Assert.ThrowsAsync<KlException>(() => WatchAsync(fake, 1))).ErrorId);
        Assert.Equal("KubeUnavailable", (await Assert.ThrowsAsync<KlException>(() => WatchAsync(fake, 1))).ErrorId);
    }

    [Fact]
    public async Task Cancellation_ends_a_silent_watch()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, List("10"), async context =>
        {
            await context.Response.StartAsync();
            await FakeApi.Hang(context);
        });
        using var api = fake.Open();
        using var stop = new CancellationTokenSource();
        var watch = api.WatchAsync<V1Pod>("default", new(), stop.Token).FirstAsync().AsTask();
        while (fake.Seen.Count < 2)
            await Task.Yield();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
    }

    private static async Task<List<string>> WatchAsync(FakeApi fake, int changes, Action? whenAddedB = null)
    {
        using var api = fake.Open();
        using var timeout = new CancellationTokenSource(Gates.Timeout);
        var seen = new List<string>();
        await foreach (var change in api.WatchAsync<V1Pod>("default", new(), timeout.Token).Take(changes))
        {
            seen.Add($"{change.Type} {change.Object.Metadata.Name}");
            if (seen[^1] == "Added b")
                whenAddedB?.Invoke();
        }
        return seen;
    }

    private static Microsoft.AspNetCore.Http.RequestDelegate List(string version, params string[] pods) =>
        FakeApi.Json($$"""{"metadata":{"resourceVersion":"{{version}}"},"items":[{{string.Join(',', pods)}}]}""");

    private static string Pod(string name, int version) => $$"""{"metadata":{"name":"{{name}}","uid":"{{name}}","resourceVersion":"{{version}}"} }""";

    private static string Event(string type, string name, int version) => $$"""{"type":"{{type}}","object":{{Pod(name, version)}}}""";
}
