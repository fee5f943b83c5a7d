using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>The example that measures what faults cost.</summary>
public sealed partial class DemoTests
{
    // Two cores cannot render 40 pages a second beside other tests. This page asks only the database, as a probe does.
    private const string Page = "/ready.php";

    private sealed record Span(DateTimeOffset Start, DateTimeOffset End);

    [Fact, Order(72)]
    public async Task The_report_of_the_availability_example_agrees_with_curl()
    {
        using var folder = new Folder();
        var urls = Invoke("(Get-KlService web).Urls").As<string>().Select(url => new Uri(url)).ToList();
        var node = urls.Single(url => url.Host == AddressOf("kubernetes-3"));
        using var curl = new CurlLoop(new(node, Page));
        // curl opens connections. Existing ones go on when a service has no ready pods.
        var example = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples", "availability.ps1")))
            .Replace("-Rate 40", $"-Rate 40 -Path {Page} -NewConnection", StringComparison.Ordinal);
        var run = await ShellProcess.RunAsync(
            $"Set-Location '{folder.Path}'; {example.TrimEnd()} -PassThru | Export-KlReport availability.json", new Dictionary<string, string?>());
        Assert.True(run.Code == 0, run.Output + run.Error);
        foreach (var file in Directory.GetFiles(folder.Path))
            File.Copy(file, Path.Combine(OfflineLab.Results, Path.GetFileName(file)), true);
        var probed = await curl.EndAsync();

        var report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "availability.json")))!["results"]![0]!["measurement"]!;
        var text = report.ToJsonString();
        Assert.Equal(["ContainerKill", "NodeCrash", "NetworkPartition"], report["faults"]!.AsArray().Select(fault => $"{fault!["kind"]}"));
        Assert.All(report["faults"]!.AsArray(), fault => Assert.NotNull(fault!["recoverySeconds"]));
        Assert.True((long)report["requests"]! >= 3600, text);
        Assert.Contains("NodeCrash", await File.ReadAllTextAsync(Path.Combine(folder.Path, "availability.html")), StringComparison.Ordinal);

        // Both have seen when the database was killed, and how long the node without power did not respond. How many requests fail in between and
        // afterwards is a matter of chance, because some of the pods respond.
        var outages = report["outages"]!.AsArray()
            .Where(one => one!["endpoint"] is null || $"{one["endpoint"]}".Contains(node.Authority, StringComparison.Ordinal))
            .Select(one => new Span(Time(one!["started"]), one["ended"] is { } ended ? Time(ended) : DateTimeOffset.MaxValue)).ToList();
        var (kill, crash) = (report["faults"]![0]!, report["faults"]![1]!);
        var (killed, crashed, restored) = (Time(kill["started"]), Time(crash["started"]), Time(crash["ended"]));
        var (reported, seen) = (Moments(outages), Moments(probed));
        // The measurement joins failures that follow each other within a second. curl sends fewer requests, and can see the end between two of them.
        var tolerance = TimeSpan.FromSeconds(1);
        Assert.True(reported.Zip(seen).Take(2).All(pair => (pair.First - pair.Second).Duration() <= tolerance) && reported[2] >= seen[2] - tolerance,
            $"{string.Join(", ", reported)} in the report, {string.Join(", ", seen)} seen by curl\n{text}");

        DateTimeOffset[] Moments(List<Span> spans)
        {
            var outage = Joined(spans).Single(span => span.Start < restored && span.End > restored);
            return [spans.Where(span => span.End > killed).Min(span => span.Start), outage.Start > crashed ? outage.Start : crashed, outage.End];
        }
    }

    private static string AddressOf(string machine) => Invoke($"(Get-KlVm {machine}).Address").As<string>().Single();

    private static DateTimeOffset Time(JsonNode? node) => DateTimeOffset.Parse($"{node}", CultureInfo.InvariantCulture);

    // A request that succeeds in between splits an outage.
    private static List<Span> Joined(IEnumerable<Span> spans)
    {
        var all = new List<Span>();
        foreach (var span in spans.OrderBy(one => one.Start))
            if (all.Count > 0 && span.Start - all[^1].End < TimeSpan.FromSeconds(1))
                all[^1] = all[^1] with { End = span.End > all[^1].End ? span.End : all[^1].End };
            else
                all.Add(span);
        return all;
    }

    /// <summary>Starts curl every 0.1 seconds.</summary>
    private sealed class CurlLoop : IDisposable
    {
        private const string Loop = """
            for ((i = 0; i < 3000; i++)); do
              (s=$EPOCHREALTIME; echo "$s $(curl -sL -o /dev/null -m 5 -w '%{http_code}' "$1")") &
              read -t 0.1 -u 0 _ && break
            done
            wait
            """;

        private readonly Process _shell;
        private readonly Task<string> _output;

        public CurlLoop(Uri url)
        {
            _shell = Process.Start(new ProcessStartInfo("bash", ["-c", Loop, "bash", url.AbsoluteUri])
            { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            _output = _shell.StandardOutput.ReadToEndAsync();
        }

        /// <summary>Ends the loop. Returns the outages: from the first request that failed to the first that succeeded.</summary>
        public async Task<List<Span>> EndAsync()
        {
            await _shell.StandardInput.WriteLineAsync();
            _shell.StandardInput.Close();
            var requests = (await _output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                .Select(words => (Time: DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(words[0], CultureInfo.InvariantCulture)), Status: words[1]))
                .OrderBy(one => one.Time);
            var all = new List<Span>();
            DateTimeOffset? since = null;
            foreach (var (time, status) in requests)
                if (status[0] is not ('2' or '3'))
                    since ??= time;
                else if (since is { } start)
                {
                    all.Add(new(start, time));
                    since = null;
                }
            return all;
        }

        public void Dispose()
        {
            if (!_shell.HasExited)
                _shell.Kill(entireProcessTree: true);
            _shell.Dispose();
        }
    }
}
