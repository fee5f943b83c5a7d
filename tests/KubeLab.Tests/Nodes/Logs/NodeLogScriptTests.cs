using KubeLab.Tests.Bootstrap;

namespace KubeLab.Tests.Nodes.Logs;

/// <summary>nodelog.sh in bash, on files in a temporary folder and with a fake journalctl.</summary>
public sealed class NodeLogScriptTests : IDisposable
{
    private const string Etcd = "/var/log/pods/kube-system_etcd-k-1_u1/etcd";
    private const string Fakes = """
        journalctl() { echo "journalctl $*"; }
        sleep() { exit 0; }

        """;

    private readonly NodeBash _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("unit kubelet", "", "", "journalctl --quiet --no-pager --all --output short-unix --unit kubelet")]
    [InlineData("unit kubelet", "5", "", "journalctl --quiet --no-pager --all --output short-unix --unit kubelet --lines 5")]
    [InlineData("kernel", "0", "", "journalctl --quiet --no-pager --all --output short-unix --dmesg --lines 0")]
    [InlineData("kernel", "", "60", "journalctl --quiet --no-pager --all --output short-unix --dmesg --since @TIME")]
    public async Task The_journal_is_read(string source, string tail, string since, string expected)
    {
        var (exit, output) = await RunAsync("", source, tail, since);
        var lines = output.Split('\n');
        var cutoff = since.Length > 0 ? long.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) - 60 : 0;
        Assert.Equal((0, $"S 1 journal {source.Split(' ')[^1]}"), (exit, lines[1]));
        Assert.Contains(lines[2], new[] { 0, -1 }.Select(late => "L 1 " + expected.Replace("TIME", $"{cutoff + late}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_last_lines_since_a_time_are_read() => Assert.EndsWith("kubelet\nL 1 two\nL 1 three\n", (await RunAsync(
        "journalctl() { [[ $* != *--lines* ]] || echo lines; printf '%s\\n' one two three; }", "unit kubelet", "2", "60")).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("*/*/etcd", "kube-system/etcd-k-1/etcd")]
    [InlineData("kube-system/etcd*/*", "kube-system/etcd-k-1/etcd")]
    [InlineData("kube-*/*", "kube-system/etcd-k-1/etcd", "kube-system/web-1/web")]
    [InlineData("default/web-1/web")]
    public async Task Containers_are_found_by_patterns(string pattern, params string[] found)
    {
        Log(Etcd + "/0.log", 1, "a");
        Log("/var/log/pods/kube-system_web-1_u2/web/0.log", 1, "b");

        var (exit, output) = await RunAsync("", "container " + pattern);

        var lines = output.TrimEnd().Split('\n')[1..];
        Assert.Equal(0, exit);
        Assert.Equal(found.Length == 0 ? ["N " + pattern] : found.Select((name, index) => $"S {index + 1} container {name}"),
            lines.Where(line => line[0] is 'S' or 'N'));
    }

    [Theory]
    [InlineData("", "one", "two", "three")]
    [InlineData("2", "two", "three")]
    [InlineData("0")]
    public async Task The_runs_of_a_container_are_one_log(string tail, params string[] lines)
    {
        Log(Etcd + "/9.log", 100, "one");
        Log(Etcd + "/10.log", 200, "two", "three");
        Log(Etcd + "/9.log.20260101-000000", 50, "rotated");

        var (exit, output) = await RunAsync("", "container */*/etcd", tail);

        Assert.Equal((0, string.Concat(lines.Select(line => $"L 1 {line}\n"))), (exit, output[(output.IndexOf("etcd\n", StringComparison.Ordinal) + 5)..]));
    }

    [Fact]
    public async Task Files_that_are_older_than_the_wanted_lines_are_not_read()
    {
        Log(Etcd + "/0.log", 100, "old");
        _node.Put(Etcd + "/1.log", "new\n");
        Assert.EndsWith("etcd\nL 1 new\n", (await RunAsync("", "container */*/etcd", since: "3600")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        _node.Put("/var/log/secret/0.log", "secret\n");
        Directory.CreateDirectory(_node.At(Etcd));
        File.CreateSymbolicLink(_node.At(Etcd + "/0.log"), _node.At("/var/log/secret/0.log"));
        Directory.CreateDirectory(_node.At("/var/log/pods/a_b_c"));
        Directory.CreateSymbolicLink(_node.At("/var/log/pods/a_b_c/d"), _node.At("/var/log/secret"));

        var (exit, output) = await RunAsync("", "container *");

        Assert.Equal((0, "S 1 container kube-system/etcd-k-1/etcd\n"), (exit, output[(output.IndexOf('\n', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public async Task A_line_cannot_be_a_marker_and_is_limited()
    {
        Log(Etcd + "/0.log", 1, "::error MachineBusy x", new string('x', 70_000));
        var (_, output) = await RunAsync("", "container */*/etcd");
        Assert.EndsWith($"\nL 1 ::error MachineBusy x\nL 1 {new string('x', 60_000)}\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "first")]
    [InlineData("0")]
    public async Task A_followed_container_continues_after_a_rotation_and_a_restart(string tail, params string[] before)
    {
        Log(Etcd + "/0.log", 100, "first");
        var folder = _node.At(Etcd);
        var (exit, output) = await RunAsync($$"""
            sleep() {
              case $((++polls)) in
                1) echo late >>{{folder}}/0.log; mv {{folder}}/0.log {{folder}}/0.log.2026; echo rotated >{{folder}}/0.log ;;
                2) echo restarted >{{folder}}/1.log; mkdir -p {{folder}}/../../x_web_u/web; echo other >{{folder}}/../../x_web_u/web/0.log ;;
                3) ;;
                *) exit 0 ;;
              esac
            }
            polls=0
            """, "container *", tail, follow: "1");
        Assert.Equal((0, string.Concat(before.Concat(["late", "rotated", "restarted"]).Select(line => $"L 1 {line}\n"))
            + "S 2 container x/web/web\nL 2 other\n"),
            (exit, output[(output.IndexOf("etcd\n", StringComparison.Ordinal) + 5)..].Replace("K\n", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_followed_journal_continues_after_its_cursor()
    {
        var (exit, output) = await RunAsync("""
            journalctl() {
              local all="$*" file
              file=${all#*--cursor-file }
              echo "with ${file#"${file%% *}"}"
              file=${file%% *}
              ((polls == 0)) || echo s=1 >"$file"
            }
            sleep() { ((++polls < 3)) || exit 0; }
            polls=0
            """, "unit kubelet", "7", follow: "1");
        Assert.Equal(0, exit);
        Assert.Equal(["L 1 with  --lines 7", "L 1 with  --lines 7"], output.Split('\n').Where(line => line.Contains("--lines", StringComparison.Ordinal)));
        Assert.Equal(3, output.Split("\nL 1 ").Length - 1);
        Assert.False(Directory.Exists(_node.At("/run/kubelab")) && Directory.EnumerateFileSystemEntries(_node.At("/run/kubelab")).Any());
    }

    [Fact]
    public async Task A_followed_log_that_nobody_reads_any_more_ends()
    {
        var (exit, _) = await RunAsync(
            "sleep() { ((++polls < 6000)) || exit 7; command sleep 0.01; }; polls=0; exec > >(head -1 >/dev/null)", "container *", follow: "1");
        Assert.NotEqual(7, exit);
    }

    private void Log(string path, long time, params string[] lines)
    {
        _node.Put(path, string.Concat(lines.Select(line => line + "\n")));
        File.SetLastWriteTimeUtc(_node.At(path), DateTime.UnixEpoch.AddSeconds(time));
    }

    private Task<(int Exit, string Output)> RunAsync(string change, string sources, string tail = "", string since = "", string follow = "") => _node.RunAsync(
        "nodelog", $"{Fakes}{change}\nmain </dev/null", ("SOURCES", sources), ("TAIL", tail), ("SINCE", since), ("FOLLOW", follow));
}
