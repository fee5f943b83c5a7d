using System.Globalization;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Kube;
using Microsoft.AspNetCore.Http;

namespace KubeLab.Tests.Pods;

public sealed class FollowedLogsTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const int Many = 1000;
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Followed_logs_are_complete_and_ordered_although_connections_drop()
    {
        await using var fake = await FakeApi.StartAsync();
        var names = Enumerable.Range(0, 10).Select(i => $"p{i}").ToList();
        fake.On($"GET {Pods}", FakeApi.Json($$"""{"metadata":{},"items":[{{string.Join(',', names.Select(name => Pod(name, "\"running\":{}")))}}]}"""));
        foreach (var (i, name) in names.Index())
            fake.On($"GET {Pods}/{name}", [.. Enumerable.Repeat(FakeApi.Json(Pod(name, "\"running\":{}")), 4),
                FakeApi.Json(Pod(name, "\"terminated\":{\"exitCode\":0}"))])
                .On($"GET {Pods}/{name}/log", Log(before: 100 + (37 * i)), Log(before: 500 + (41 * i)), Log(before: null),
                    Log(before: null));

        var lines = Kubectl.Run(fake, "Get-KlLog p* -Follow", new QuickClock()).Good<KlLogLine>().ToLookup(line => line.Pod, line => line.Line);

        Assert.Equal(names, lines.Select(pod => pod.Key).Order());
        foreach (var pod in lines)
            Assert.Equal(Enumerable.Range(0, Many).Select(i => $"line {i}"), pod);
        Assert.Equal(40, fake.Seen.Count(one => one.Contains("/log?", StringComparison.Ordinal)));
    }

    // Starts at the requested second, as the kubelet does, and is cut off in the middle of the line before the specified one.
    private static RequestDelegate Log(int? before) => async context =>
    {
        var since = DateTimeOffset.TryParse(context.Request.Query["sinceTime"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time : Begin;
        var lines = Enumerable.Range(0, before ?? Many).Select(i => (Time: Begin.AddMilliseconds(11 * i), Text: $"line {i}")).Where(line => line.Time >= since)
            .Select(line => $"{line.Time:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'} {line.Text}\n");
        await context.Response.WriteAsync(string.Concat(lines) + (before is null ? "" : "2026-01-01T00:00:0"));
        await context.Response.Body.FlushAsync();
        if (before is not null)
            context.Abort();
    };

    private static string Pod(string name, string state) => $$"""
        {"metadata":{"name":"{{name}}","namespace":"default"},"spec":{"containers":[{"name":"c"}]},
         "status":{"containerStatuses":[{"name":"c","containerID":"{{name}}","state":{ {{state}} } }] } }
        """;
}
