using System.Diagnostics;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Only one run at a time changes a machine.</summary>
public sealed class NodeLockTests : IDisposable
{
    private const string Hold =
        """lock "kubeadm init"; step "preflight"; touch "$AT/held"; while [[ -d $AT && ! -e $AT/release ]]; do sleep 0.05; done""";

    // A second run, which releases the first one when it reports that it waits.
    private const string Follow = """step() { echo "::step $*"; [[ $* != Waiting* ]] || touch "$AT/release"; }; lock "kubeadm init"; echo got it""";

    private readonly NodeBash _node = new();
    private readonly List<Process> _started = [];

    public void Dispose()
    {
        _node.Put("/release", "");
        foreach (var process in _started)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
        _node.Dispose();
    }

    [Fact]
    public async Task A_second_run_waits_and_reports_the_first()
    {
        await HoldAsync();
        var (exit, output) = await _node.RunAsync("init", Follow, ("AT", _node.At("")));

        Assert.Equal(0, exit);
        Assert.Matches("^::step Waiting for another run on this machine: preflight, running for [0-9]+ s\ngot it\n$", output);
    }

    [Fact]
    public async Task A_run_that_lost_its_connection_is_stopped_and_replaced()
    {
        var first = await HoldAsync();
        // When a connection is lost, sshd's session process exits, but its command continues.
        first.Kill();
        await first.WaitForExitAsync();

        var (exit, output) = await _node.RunAsync("init", """lock "kubeadm init"; echo got it""");

        Assert.Equal(0, exit);
        Assert.Matches("^::step Stopping a run that lost its connection: preflight, running for [0-9]+ s\ngot it\n$", output);
        Assert.Empty(Holders());
    }

    [Fact]
    public async Task A_process_that_reuses_the_process_group_of_a_lost_run_is_not_killed()
    {
        var other = Start("setsid", "sleep", "1000");
        _node.Put("/run/kubelab/holder", $"999999999 {other.Id} 0 999999999, kubeadm init\n");
        Start("flock", _node.At("/run/kubelab/lock"),
            "bash", "-c", $"cd '{_node.At("")}'; touch held; while [[ -d $PWD && ! -e release ]]; do sleep 0.05; done");
        await UntilAsync(() => _node.Has("/held"));

        var (_, output) = await _node.RunAsync("init", Follow, ("AT", _node.At("")));

        Assert.EndsWith("got it\n", output, StringComparison.Ordinal);
        Assert.False(other.HasExited);
    }

    [Fact]
    public async Task A_holder_that_is_not_recorded_is_reported_and_the_wait_ends()
    {
        var (exit, output) = await _node.RunAsync("init", """
            unset EPOCHSECONDS; EPOCHSECONDS=1000
            flock() { EPOCHSECONDS=$((EPOCHSECONDS + 601)); return 1; }
            lock "kubeadm init"
            """);

        Assert.Equal(3, exit);
        Assert.Equal("""
            ::step Waiting for another run on this machine: an unknown process, running for 601 s
            ::error MachineBusy another run has been working on it for 1202 s: an unknown process (process unknown)

            """, output);
    }

    [Fact]
    public async Task Each_run_has_its_own_secret_file_and_removes_it()
    {
        const string commands = """lock "kubeadm init"; private_config; stat -c %a "$KUBEADM_CONFIG"; cat "$KUBEADM_CONFIG"; echo; echo "$KUBEADM_CONFIG" """;
        _node.Put("/run/kubelab/config.of-a-killed-run", "secret");

        var first = (await _node.RunAsync("init", commands, ("CONFIG", "token: one"))).Output.Split('\n');
        var second = (await _node.RunAsync("join", commands, ("CONFIG", "token: two"))).Output.Split('\n');

        Assert.Equal(["600", "token: one"], first[..2]);
        Assert.Equal(["600", "token: two"], second[..2]);
        Assert.NotEqual(first[2], second[2]);
        Assert.Empty(Directory.GetFiles(_node.At("/run/kubelab"), "config.*"));
    }

    [Theory]
    [InlineData("same", "cluster=k role=control-plane state=done", "continues\n", 0)]
    [InlineData("earlier", "cluster=k role=control-plane state=started", "continues\n", 0)]
    [InlineData("earlier", "cluster=k role=control-plane state=done", "done\n", 0)]
    [InlineData("", "cluster=k role=control-plane state=done", "done\n", 0)]
    [InlineData("", "", "continues\n", 0)]
    [InlineData("earlier", "cluster=k role=worker state=done", "::error MachineInUse another run has just configured it as worker of k\n", 3)]
    [InlineData("", "cluster=other role=control-plane state=done", "::error MachineInUse another run has just configured it as control-plane of other\n", 3)]
    public async Task Work_that_another_run_completed_is_not_repeated(string seen, string mark, string expected, int exit)
    {
        var commands = $"[[ -z '{mark}' ]] || mark {mark}; [[ '{seen}' != same ]] || SEEN=$(stamp); "
            + "if completed_by_other_run control-plane; then echo done; else echo continues; fi";
        Assert.Equal((exit, expected), await _node.RunAsync("init", commands, ("CLUSTER", "k"), ("SEEN", seen)));
    }

    [Theory]
    [InlineData("HostRoutes", 0, "::fact podSubnet=10.9.0.0/16\n")]
    [InlineData("Calico", 3, "::error PodNetworkDiffers another run has just created k with the pod network HostRoutes\n")]
    public async Task The_second_of_two_runs_uses_the_cluster_of_the_first(string network, int exit, string expected) =>
        Assert.Equal((exit, expected), await _node.RunAsync("init", """
            reset_node() { echo reset; }; kubeadm() { echo kubeadm; }
            mark cluster=k role=control-plane state=done podNetwork=HostRoutes podSubnet=10.9.0.0/16
            main
            """, ("CLUSTER", "k"), ("SEEN", ""), ("POD_NETWORK", network), ("RESTORE", "")));

    private async Task<Process> HoldAsync()
    {
        await File.WriteAllTextAsync(_node.At("/first.sh"), _node.Text("init", Hold, ("AT", _node.At(""))));
        // The processes above a session's own may change at any time.
        File.Copy("/bin/sh", _node.At("/sshd"));
        var first = Start("setsid", _node.At("/sshd"), "-c", $"bash '{_node.At("/first.sh")}'; :");
        await UntilAsync(() => _node.Has("/held"));
        return first;
    }

    private Process Start(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        _started.Add(process);
        return process;
    }

    private IEnumerable<string> Holders() => Directory.GetDirectories("/proc").Where(process =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Contains(_node.At("/first.sh"), StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(20);
    }
}
