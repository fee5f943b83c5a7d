using System.Text;
using KubeLab.Engine.Pods;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;
using Microsoft.AspNetCore.Http;

namespace KubeLab.Tests.Pods;

public sealed class PodLogTests
{
    private const string Pod = "GET /api/v1/namespaces/default/pods/p";
    private const string Log = Pod + "/log";

    [Fact]
    public async Task A_followed_log_continues_without_losing_or_repeating_lines()
    {
        await using var fake = await FakeApi.StartAsync();
        var cut = new TaskCompletionSource();
        fake.On(Pod, Running("r1"), Running("r1"), Running("r1"), Running("r1"), FakeApi.Json("starting", 503), Ended())
            .On(Log,
                FakeApi.Lines(cut.Task, "2026-01-01T00:00:01.000000001Z a", "2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same"),
                FakeApi.Json("starting", 503),
                // The server starts at the full second; a third "same" is a new line.
                FakeApi.Lines("2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same",
                    "2026-01-01T00:00:02.900000000Z b"),
                FakeApi.Lines("2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same", "2026-01-01T00:00:02.100000000Z same",
                    "2026-01-01T00:00:02.900000000Z b", "2026-01-01T00:00:03.000000000Z c\rc"),
                // What the container wrote after the end of the followed log.
                FakeApi.Lines("2026-01-01T00:00:03.000000000Z c\rc", "2026-01-01T00:00:03.100000000Z d", "unable to retrieve container logs"));
        Assert.Equal(["a", "same", "same", "same", "b", "c\rc", "d"],
            (await ReadAsync(fake, new() { Follow = true, Tail = 3 }, afterThree: cut.SetResult)).Select(l => l.Line));
        var logs = fake.Seen.Where(s => s.Contains("/log?", StringComparison.Ordinal))
            .Select(s => s[(s.IndexOf("stamps=true", StringComparison.Ordinal) + 11)..]);
        Assert.Equal(
            [
                "&follow=true&tailLines=3", .. Enumerable.Repeat("&follow=true&sinceTime=2026-01-01T00%3A00%3A02Z", 3),
                "&sinceTime=2026-01-01T00%3A00%3A03Z",
            ], logs);
    }

    [Fact]
    public async Task A_truncated_line_is_returned_once_and_complete()
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
    public async Task A_container_is_required_if_there_are_several_unless_all_are_read()
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
    public async Task A_server_error_is_not_an_empty_log()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pod, Pods("c"), FakeApi.Status(404, "NotFound", "none")).On(Log, FakeApi.Status(400, "BadRequest", "is waiting to start: ContainerCreating"));
        Assert.Contains("waiting to start", (await Assert.ThrowsAsync<KlException>(() => ReadAsync(fake, new()))).Message, StringComparison.Ordinal);
        Assert.Equal("PodNotFound", (await Assert.ThrowsAsync<KlException>(() => ReadAsync(fake, new()))).ErrorId);
    }

    // A line of two and a half pieces that split a character, as returned by kubelets.
    [Theory]
    [InlineData("v1.20.2", true)]
    [InlineData("v1.23.13", true)]
    [InlineData("v1.25.3-eks-1", true)]
    [InlineData("v1.23.14", false)]
    [InlineData("v1.24.8", false)]
    [InlineData("v1.26.0", false)]
    [InlineData("v1.36.2", false)]
    [InlineData("unknown", false)]
    [InlineData(null, false)]
    public async Task Time_stamps_in_long_lines_of_old_kubelets_are_removed(string? kubelet, bool joins)
    {
        await using var fake = await FakeApi.StartAsync();
        var (text, stamps) = ("x" + string.Concat(Enumerable.Repeat("ü", 20_000)),
            new[] { "2026-01-01T00:00:01.1Z ", "2026-01-01T00:00:01.100000001Z ", "2026-01-01T00:00:02Z " });
        var given = stamps.Zip(Encoding.UTF8.GetBytes(text).Chunk(16 * 1024)).SelectMany(piece => Encoding.UTF8.GetBytes(piece.First).Concat(piece.Second))
            .ToArray();
        fake.On(Pod, OnNode(), OnNode())
            .On(Log, Bytes([.. given, 10, .. "2026-01-01T00:00:03Z short\n"u8, .. given, 10]))
            .On("GET /api/v1/nodes/n", kubelet is null ? FakeApi.Status(403, "Forbidden", "no")
                : FakeApi.Json($$$"""{"metadata":{"name":"n"},"status":{"nodeInfo":{"kubeletVersion":"{{{kubelet}}}"} } }"""));
        var lines = await ReadAsync(fake, new());
        var untouched = Encoding.UTF8.GetString(given)[stamps[0].Length..];
        Assert.Equal(joins ? [text, "short", text] : [untouched, "short", untouched], lines.Select(line => line.Line));
        Assert.Equal(1, fake.Seen.Count(one => one.Contains("/nodes/", StringComparison.Ordinal)));
    }

    [Theory]
    // A piece of the wrong length, an earlier time stamp, a missing time stamp, text that looks like a time stamp.
    [InlineData(16 * 1024 - 1, "2026-01-01T00:00:01Z ", 100)]
    [InlineData(16 * 1024 + 1, "2026-01-01T00:00:01Z ", 100)]
    [InlineData(16 * 1024, "2026-01-01T00:00:00Z ", 100)]
    [InlineData(16 * 1024, "2026-01-01T00:00:01Z ", 17 * 1024)]
    [InlineData(16 * 1024, "2026-01-01 00:00:01Z ", 100)]
    [InlineData(16 * 1024, "2026-01-01T00:00:01 ", 100)]
    [InlineData(16 * 1024, "2026-13-01T00:00:01Z ", 100)]
    [InlineData(16 * 1024, "2026-01-01T00:00:01Z", 100)]
    [InlineData(16 * 1024, "", 0)]
    public void A_line_that_only_looks_split_is_not_changed(int first, string time, int second) =>
        Assert.Null(SplitLine.Join(Encoding.UTF8.GetBytes("2026-01-01T00:00:01Z " + new string('a', first) + time + new string('b', second))));

    private static RequestDelegate Bytes(byte[] bytes) => async context => await context.Response.BodyWriter.WriteAsync(bytes);

    private static RequestDelegate OnNode() =>
        FakeApi.Json("""{"metadata":{"name":"p","namespace":"default"},"spec":{"nodeName":"n","containers":[{"name":"c"}]}}""");

    private static async Task<List<KlLogLine>> ReadAsync(FakeApi fake, LogQuery query, Action? afterThree = null)
    {
        var clock = new QuickClock();
        using var api = fake.Open(clock: clock);
        using var timeout = new CancellationTokenSource(Gates.Timeout);
        var lines = new List<KlLogLine>();
        await PodLogs.ReadAsync(api, null, "p", query, clock, line =>
        {
            lock (lines)
                lines.Add(line);
            if (lines.Count == 3)
                afterThree?.Invoke();
        }, timeout.Token);
        return lines;
    }

    private static RequestDelegate Pods(params string[] containers) => FakeApi.Json(
        """{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":["""
            + $$"""{{string.Join(',', containers.Select(c => $"{{\"name\":\"{c}\"}}"))}}] } }""");

    private static RequestDelegate Running(string id) => FakeApi.Json(
        """{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c"}]},"status":{"containerStatuses":["""
            + $$$"""{"name":"c","containerID":"{{{id}}}","state":{"running":{} } }] } }""");

    private static RequestDelegate Ended() => FakeApi.Json(
        """{"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c"}]},"status":{"containerStatuses":["""
            + """{"name":"c","containerID":"r1","state":{"terminated":{"exitCode":0}}}]}}""");
}
