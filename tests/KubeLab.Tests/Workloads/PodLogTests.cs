using KubeLab.Engine.Flow;
using KubeLab.Engine.Workloads;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;
using Microsoft.AspNetCore.Http;

namespace KubeLab.Tests.Workloads;

public sealed class PodLogTests
{
    private const string Pod = "GET /api/v1/namespaces/default/pods/p";
    private const string Log = Pod + "/log";

    [Fact]
    public async Task A_followed_log_goes_on_where_its_connection_was_cut_without_repeating_or_losing_a_line()
    {
        await using var fake = await FakeApi.StartAsync();
        var cut = new TaskCompletionSource();
        fake.On(Pod, Running("r1"), Running("r1"), Running("r1"), Running("r1"), FakeApi.Json("starting", 503), Ended())
            .On(Log,
                FakeApi.Lines(cut.Task, "2026-01-01T00:00:01.000000001Z a", "2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same"),
                FakeApi.Json("starting", 503),
                // The server begins at the whole second; a third "same" is a new line.
                FakeApi.Lines("2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.900000000Z b"),
                FakeApi.Lines("2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.900000000Z b", "2026-01-01T00:00:03.000000000Z c\rc"));
        Assert.Equal(["a", "same", "same", "same", "b", "c\rc"], (await ReadAsync(fake, new() { Follow = true, Tail = 3 }, afterThree: cut.SetResult)).Select(l => l.Line));
        var logs = fake.Seen.Where(s => s.Contains("/log?", StringComparison.Ordinal)).Select(s => s[(s.IndexOf("stamps=true", StringComparison.Ordinal) + 11)..]);
        Assert.Equal(["&follow=true&tailLines=3", .. Enumerable.Repeat("&follow=true&sinceTime=2026-01-01T00%3A00%3A02Z", 3)], logs);
    }

    [Fact]
    public async Task A_cut_off_half_line_is_told_once_and_whole()
    {
        await using var fake = await FakeApi.StartAsync();
        var cut = new TaskCompletionSource();
        string[] lines = ["2026-01-01T00:00:01Z a", "2026-01-01T00:00:01Z b", "2026-01-01T00:00:01Z c"];
        fake.On(Pod, Pods("c"))
            .On(Log,
                async context =>
                {
                    await context.Response.WriteAsync(string.Join('\n', lines) + "\n2026-01-01T00:00:01Z hal");
                    await context.Response.Body.FlushAsync();
                    await cut.Task;
                    context.Abort();
                },
                FakeApi.Lines([.. lines, "2026-01-01T00:00:01Z half"]));
        Assert.Equal(["a", "b", "c", "half"], (await ReadAsync(fake, new(), afterThree: cut.SetResult)).Select(l => l.Line));
    }

    [Fact]
    public async Task A_pod_with_several_containers_and_none_named_is_an_error_that_names_them_and_all_can_be_read_at_once()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pod, Pods("c", "d"), Pods("c", "d"), Pods("c", "d")).On(Log, FakeApi.Lines("2026-01-01T00:00:01Z a"), FakeApi.Lines("2026-01-01T00:00:01Z a"));
        var error = await Assert.ThrowsAsync<KlException>(() => ReadAsync(fake, new()));
        Assert.Equal("ContainerNotNamed", error.ErrorId);
        Assert.Contains("c, d", error.Message, StringComparison.Ordinal);
        Assert.Equal("ContainerNotFound", (await Assert.ThrowsAsync<KlException>(() => ReadAsync(fake, new() { Container = "e" }))).ErrorId);
        Assert.Equal(["c", "d"], (await ReadAsync(fake, new() { AllContainers = true })).Select(l => l.Container).Order());
    }

    [Fact]
    public async Task A_server_that_cannot_give_the_log_is_an_error_and_not_an_empty_log()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pod, Pods("c"), FakeApi.Status(404, "NotFound", "none")).On(Log, FakeApi.Status(400, "BadRequest", "is waiting to start: ContainerCreating"));
        Assert.Contains("waiting to start", (await Assert.ThrowsAsync<KlException>(() => ReadAsync(fake, new()))).Message, StringComparison.Ordinal);
        Assert.Equal("PodNotFound", (await Assert.ThrowsAsync<KlException>(() => ReadAsync(fake, new()))).ErrorId);
    }

    private static async Task<List<KlLogLine>> ReadAsync(FakeApi fake, LogQuery query, Action? afterThree = null)
    {
        using var api = fake.Open();
        using var late = new CancellationTokenSource(Gates.Patience);
        var lines = new List<KlLogLine>();
        await PodLogs.ReadAsync(api, null, "p", query, TimeProvider.System, line =>
        {
            lock (lines)
                lines.Add(line);
            if (lines.Count == 3)
                afterThree?.Invoke();
        }, late.Token);
        return lines;
    }

    private static RequestDelegate Pods(params string[] containers) => FakeApi.Json(
        $$"""{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{{string.Join(',', containers.Select(c => $"{{\"name\":\"{c}\"}}"))}}] } }""");

    private static RequestDelegate Running(string id) => FakeApi.Json(
        $$$"""{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c"}]},"status":{"containerStatuses":[{"name":"c","containerID":"{{{id}}}","state":{"running":{} } }] } }""");

    private static RequestDelegate Ended() => FakeApi.Json(
        """{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c"}]},"status":{"containerStatuses":[{"name":"c","containerID":"r1","state":{"terminated":{"exitCode":0}}}]}}""");
}
