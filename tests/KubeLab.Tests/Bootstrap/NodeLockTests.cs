using System.Diagnostics;

namespace KubeLab.Tests.Bootstrap;

/// <summary>One run at a time changes a machine.</summary>
public sealed class NodeLockTests : IDisposable
{
    private const string Hold = """lock "kubeadm init"; step "preflight"; touch "$AT/held"; while [[ -d $AT && ! -e $AT/release ]]; do sleep 0.05; done""";

    // A run that lets the first one go when it has said that it waits.
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
    public async Task A_second_run_waits_and_says_for_what()
    {
        await HoldAsync();
        var (exit, output) = await _node.RunAsync("init", Follow, ("AT", _node.At("")));

        Assert.Equal(0, exit);
        Assert.Matches("^::step Waiting for another run on this machine: preflight, for [0-9]+ s\ngot it\n$", output);
    }

    [Fact]
    public async Task What_a_lost_run_left_is_ended_and_its_work_taken_over()
    {
        var first = await HoldAsync();
        // As sshd's session does when its connection goes: it ends, and its command does not.
        first.Kill();
        await first.WaitForExitAsync();

        var (exit, output) = await _node.RunAsync("init", """lock "kubeadm init"; echo got it""");

        Assert.Equal(0, exit);
        Assert.Matches("^::step Ending a run that lost its connection: preflight, for [0-9]+ s\ngot it\n$", output);
        Assert.Empty(Holders());
    }

    [Fact]
    public async Task A_process_that_has_the_number_of_a_lost_run_by_chance_is_left_alone()
    {
        var innocent = Start("setsid", "sleep", "1000");
        _node.Put("/run/kubelab/holder", $"999999999 {innocent.Id} 0 999999999, kubeadm init\n");
        Start("flock", _node.At("/run/kubelab/lock"), "bash", "-c", $"cd '{_node.At("")}'; touch held; while [[ -d $PWD && ! -e release ]]; do sleep 0.05; done");
        await UntilAsync(() => _node.Has("/held"));

        var (_, output) = await _node.RunAsync("init", Follow, ("AT", _node.At("")));

        Assert.EndsWith("got it\n", output, StringComparison.Ordinal);
        Assert.False(innocent.HasExited);
    }

    [Fact]
    public async Task Each_run_has_a_file_of_its_own_for_what_is_secret_and_leaves_none()
    {
        const string ask = """lock "kubeadm init"; private_config; stat -c %a "$KUBEADM_CONFIG"; cat "$KUBEADM_CONFIG"; echo; echo "$KUBEADM_CONFIG" """;
        _node.Put("/run/kubelab/config.of-a-killed-run", "secret");

        var first = (await _node.RunAsync("init", ask, ("CONFIG", "token: one"))).Output.Split('\n');
        var second = (await _node.RunAsync("join", ask, ("CONFIG", "token: two"))).Output.Split('\n');

        Assert.Equal(["600", "token: one"], first[..2]);
        Assert.Equal(["600", "token: two"], second[..2]);
        Assert.NotEqual(first[2], second[2]);
        Assert.Empty(Directory.GetFiles(_node.At("/run/kubelab"), "config.*"));
    }

    [Theory]
    [InlineData("same", "cluster=k role=control-plane state=done", "goes on\n", 0)]
    [InlineData("earlier", "cluster=k role=control-plane state=started", "goes on\n", 0)]
    [InlineData("earlier", "cluster=k role=control-plane state=done", "made\n", 0)]
    [InlineData("", "cluster=k role=control-plane state=done", "made\n", 0)]
    [InlineData("", "", "goes on\n", 0)]
    [InlineData("earlier", "cluster=k role=worker state=done", "::error MachineInUse another run has just made it the worker of k\n", 3)]
    [InlineData("", "cluster=other role=control-plane state=done", "::error MachineInUse another run has just made it the control-plane of other\n", 3)]
    public async Task What_another_run_made_meanwhile_is_not_made_again(string seen, string mark, string expected, int exit)
    {
        var ask = $"[[ -z '{mark}' ]] || mark {mark}; [[ '{seen}' != same ]] || SEEN=$(stamp); if made_meanwhile control-plane; then echo made; else echo goes on; fi";
        Assert.Equal((exit, expected), await _node.RunAsync("init", ask, ("CLUSTER", "k"), ("SEEN", seen)));
    }

    [Theory]
    [InlineData("HostRoutes", 0, "::fact podSubnet=10.9.0.0/16\n")]
    [InlineData("Calico", 3, "::error PodNetworkDiffers another run has just made k with the pod network HostRoutes\n")]
    public async Task The_second_of_two_runs_takes_the_cluster_that_the_first_made(string network, int exit, string expected) =>
        Assert.Equal((exit, expected), await _node.RunAsync("init", """
            reset_node() { echo reset; }; kubeadm() { echo kubeadm; }
            mark cluster=k role=control-plane state=done podNetwork=HostRoutes podSubnet=10.9.0.0/16
            main
            """, ("CLUSTER", "k"), ("SEEN", ""), ("POD_NETWORK", network)));

    private async Task<Process> HoldAsync()
    {
        await File.WriteAllTextAsync(_node.At("/first.sh"), _node.Text("init", Hold, ("AT", _node.At(""))));
        var first = Start("setsid", "sh", "-c", $"bash '{_node.At("/first.sh")}'; :");
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
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
            await Task.Delay(20);
    }
}
