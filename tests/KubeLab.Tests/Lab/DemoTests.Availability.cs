using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>The example that measures what faults cost.</summary>
public sealed partial class DemoTests
{
    private const string Page = "/rest.php/v1/page/Main_Page/bare";

    private sealed record Span(DateTimeOffset Start, DateTimeOffset End);

    [Fact, Order(72)]
    public async Task The_report_of_the_availability_example_agrees_with_curl()
    {
        using var folder = new Folder();
        var urls = Invoke("(Get-KlService web).Urls").As<Uri>();
        using var curls = new CurlLoops(urls);
        // Two cores render about 30 pages a second in the wiki's skin, and 100 without it.
        var example = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples", "availability.ps1")))
            .Replace("-Rate 40", $"-Rate 40 -Path {Page}", StringComparison.Ordinal);
        var run = await ShellProcess.RunAsync(
            $"Set-Location '{folder.Path}'; {example.TrimEnd()} -PassThru | Export-KlReport availability.json", new Dictionary<string, string?>());
        Assert.True(run.Code == 0, run.Output + run.Error);
        foreach (var file in Directory.GetFiles(folder.Path))
            File.Copy(file, Path.Combine(Directory.CreateDirectory(Path.Combine(Repository.Root, "TestResults")).FullName, Path.GetFileName(file)), true);
        var probed = await curls.EndAsync();

        var report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "availability.json")))!["results"]![0]!["measurement"]!;
        var text = report.ToJsonString();
        Assert.Equal(["ContainerKill", "NodeCrash", "NetworkPartition"], report["faults"]!.AsArray().Select(fault => $"{fault!["kind"]}"));
        Assert.All(report["faults"]!.AsArray(), fault => Assert.NotNull(fault!["recoverySeconds"]));
        Assert.True((long)report["requests"]! >= 3600, text);
        Assert.Contains("NodeCrash", await File.ReadAllTextAsync(Path.Combine(folder.Path, "availability.html")), StringComparison.Ordinal);

        // The node without power does not answer. Both have seen it, and agree on when.
        var node = urls.Single(url => url.Host == AddressOf("kubernetes-3"));
        var outages = Joined(report["outages"]!.AsArray()
            .Where(one => one!["endpoint"] is null || $"{one["endpoint"]}".Contains(node.Authority, StringComparison.Ordinal))
            .Select(one => new Span(Time(one!["started"]), one["ended"] is { } ended ? Time(ended) : DateTimeOffset.MaxValue)));
        Assert.Contains(outages, outage => (outage.End - outage.Start).TotalSeconds >= 10);
        foreach (var outage in outages.Where(one => (one.End - one.Start).TotalSeconds >= 5))
            Assert.True(Joined(probed[node]).Any(one => IsNear(one.Start, outage.Start) && IsNear(one.End, outage.End)),
                $"{outage} is not among:\n{string.Join('\n', Joined(probed[node]))}\n{text}");
    }

    private static string AddressOf(string machine) => Invoke($"(Get-KlVm {machine}).Address.ToString()").As<string>().Single();

    private static DateTimeOffset Time(JsonNode? node) => DateTimeOffset.Parse($"{node}", CultureInfo.InvariantCulture);

    private static bool IsNear(DateTimeOffset one, DateTimeOffset other) => (one - other).Duration() <= TimeSpan.FromSeconds(1);

    // A request that succeeds in between splits an outage.
    private static List<Span> Joined(IEnumerable<Span> spans)
    {
        var all = new List<Span>();
        foreach (var span in spans.OrderBy(one => one.Start))
            if (all.Count > 0 && span.Start - all[^1].End < TimeSpan.FromSeconds(2))
                all[^1] = all[^1] with { End = span.End > all[^1].End ? span.End : all[^1].End };
            else
                all.Add(span);
        return all;
    }

    /// <summary>One loop for each URL that starts curl every 0.4 seconds.</summary>
    private sealed class CurlLoops : IDisposable
    {
        private const string Loop = """
            for ((i = 0; i < 1000; i++)); do
              (s=$EPOCHREALTIME; echo "$s $(curl -sL -o /dev/null -m 5 -w '%{http_code}' "$1")") &
              read -t 0.4 -u 0 _ && break
            done
            wait
            """;

        private readonly Dictionary<Uri, (Process Shell, Task<string> Output)> _loops = [];

        public CurlLoops(IEnumerable<Uri> urls)
        {
            foreach (var url in urls)
            {
                var shell = Process.Start(new ProcessStartInfo("bash", ["-c", Loop, "bash", new Uri(url, Page).AbsoluteUri])
                { RedirectStandardInput = true, RedirectStandardOutput = true })!;
                _loops[url] = (shell, shell.StandardOutput.ReadToEndAsync());
            }
        }

        /// <summary>Ends the loops. Returns the outages: from the first request that failed to the first that succeeded.</summary>
        public async Task<Dictionary<Uri, List<Span>>> EndAsync()
        {
            var all = new Dictionary<Uri, List<Span>>();
            foreach (var (url, (shell, output)) in _loops)
            {
                await shell.StandardInput.WriteLineAsync();
                shell.StandardInput.Close();
                var requests = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
                    .Select(words => (Time: DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(words[0], CultureInfo.InvariantCulture)), Status: words[1]))
                    .OrderBy(one => one.Time);
                DateTimeOffset? since = null;
                all[url] = [];
                foreach (var (time, status) in requests)
                    if (status[0] is '2' or '3')
                    {
                        if (since is { } start)
                            all[url].Add(new(start, time));
                        since = null;
                    }
                    else
                        since ??= time;
            }
            return all;
        }

        public void Dispose()
        {
            foreach (var (shell, _) in _loops.Values)
            {
                if (!shell.HasExited)
                    shell.Kill(entireProcessTree: true);
                shell.Dispose();
            }
        }
    }
}
