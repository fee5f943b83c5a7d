using System.Diagnostics;

namespace KubeLab.Tests.Lab;

/// <summary>How tests see that a fault takes effect, independently of KubeLab, and what it leaves behind.</summary>
public sealed partial class DemoTests
{
    private const int Port = 7717;

    // The sum of a field of /proc/PID/stat over the processes of faults in a slice of cgroups. Fields are numbered as in proc(5).
    private static async Task<long> SumOfFaultsAsync(string slice, string field) => long.Parse(await OnAsync(2,
        $"grep -ls 'memory:/{slice}.*kubelab-fault-' /proc/[0-9]*/cgroup | sed 's/cgroup$/stat/' | xargs cat 2>/dev/null | sed 's/(.*)/x/' | "
            + $"awk '{{sum += {field}}} END {{print sum + 0}}'"), null);

    // What a fault could leave behind. Kubernetes changes its own rules meanwhile.
    private static Task<string> StateOfAsync(int node) => OnAsync(node, """
        for program in iptables-save ip6tables-save; do
          $program -t mangle | sed '/^#/d; s/\[[0-9:]*\]//'
          $program | sed '/^#/d; s/\[[0-9:]*\]//; /KUBE-/d' | sort
          $program | grep -c KUBELAB
        done
        tc qdisc show
        for place in $(ip netns list | cut -d' ' -f1 | sort); do tc -n $place qdisc show; done
        find /sys/fs/cgroup -name '*kubelab-fault*'
        systemctl list-units --all --plain --no-legend 'kubelab-fault*'
        ls /run/systemd/transient 2>/dev/null | grep kubelab-fault
        grep -ls kubelab-fault /proc/[0-9]*/cgroup
        systemctl is-active kubelet containerd
        systemctl --failed --plain --no-legend | awk '{print $1}'
        ls /run/kubelab/faults 2>/dev/null | grep -v '^lock$'
        grep -l '^State:.T' /proc/[0-9]*/status
        find /etc -type f -exec sha256sum {} + | sort
        df --output=avail /mnt/small /mnt/other 2>/dev/null
        true
        """);

    /// <summary>Sends bytes from a pod on kubernetes-2 to kubernetes-1, and returns how long it took until they had arrived.</summary>
    private static async Task<TimeSpan> SendAsync(string process, string address, int kilobytes)
    {
        const string Receive = "my $s = IO::Socket::INET->new(LocalPort => PORT, Listen => 1, ReuseAddr => 1) or die; alarm 120; my $c = $s->accept; "
            + "1 while sysread($c, my $b, 65536);";
        var received = OnAsync(1, $"perl -MIO::Socket::INET -e '{Receive.Replace("PORT", $"{Port}", StringComparison.Ordinal)}'");
        await SeenAsync(async () => (await RunOnAsync(1, $"grep -q ':{Port:X4} 00000000:0000 0A' /proc/net/tcp")).ExitCode == 0);
        var clock = Stopwatch.StartNew();
        await OnAsync(2, $"nsenter -t {process} -n bash -c 'head -c {kilobytes * 1000} /dev/zero >/dev/tcp/{address}/{Port}'");
        await received;
        return clock.Elapsed;
    }

    /// <summary>Sends 200 packets from kubernetes-1, and returns how many arrive in the network namespace of a process.</summary>
    private static async Task<int> ReceivedAsync(int node, string process, string address)
    {
        const string Receive = "socket(S, PF_INET, SOCK_DGRAM, 0); setsockopt(S, SOL_SOCKET, SO_RCVBUF, 200000); "
            + "bind(S, sockaddr_in(PORT, INADDR_ANY)) or die; alarm 60; my ($n, $b) = (0, \"\"); "
            + "while (1) { recv(S, $b, 9, 0); last if $b eq \"end\\n\"; $n++ } print $n;";
        var received = OnAsync(node, $"nsenter -t {process} -n perl -MSocket -e '{Receive.Replace("PORT", $"{Port}", StringComparison.Ordinal)}'");
        await SeenAsync(async () => (await RunOnAsync(node, $"grep -q ':{Port:X4} ' /proc/{process}/net/udp")).ExitCode == 0);
        await OnAsync(1, $"for i in {{1..200}}; do echo x >/dev/udp/{address}/{Port}; done; for i in {{1..50}}; do echo end >/dev/udp/{address}/{Port}; done");
        return int.Parse(await received, null);
    }

    /// <summary>Kills the containers of pods on kubernetes-2, and waits until they have new processes.</summary>
    private static async Task RestartAsync(Dictionary<string, string> processes, params string[] pods)
    {
        await OnAsync(2, $"kill -KILL {string.Join(' ', pods.Select(pod => processes[pod]))}");
        await SeenAsync(async () =>
        {
            var now = await MainProcessesAsync();
            return pods.All(pod => now.TryGetValue(pod, out var process) && process != processes[pod]);
        });
        foreach (var (pod, process) in await MainProcessesAsync())
            processes[pod] = process;
    }

    private static async Task<bool> ConnectsAsync(string process, string host, int port) =>
        (await RunOnAsync(2, $"nsenter -t {process} -n timeout 3 bash -c '</dev/tcp/{host}/{port}'")).ExitCode == 0;

    /// <summary>Opens a connection from a pod to an SSH server. The result tells whether it is alive: the server answers a line that is not SSH.</summary>
    private static async Task<ConnectionProbe> OpenConnectionAsync(string process, string host)
    {
        var start = new ProcessStartInfo("docker", ["exec", "-i", "kubernetes-2", "nsenter", "-t", process, "-n", "bash"])
        { RedirectStandardInput = true, RedirectStandardOutput = true };
        var probe = new ConnectionProbe(Process.Start(start)!);
        Assert.StartsWith("SSH-2.0", await probe.AskAsync($"exec 3<>/dev/tcp/{host}/22; read -t 10 -u 3 line; echo \"$line\""), StringComparison.Ordinal);
        return probe;
    }

    private static async Task SeenAsync(Func<Task<bool>> condition)
    {
        for (var clock = Stopwatch.StartNew(); !await condition(); await Task.Delay(500))
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(3), "The condition was not met within 3 minutes.");
    }

    private sealed class ConnectionProbe(Process shell) : IDisposable
    {
        public async Task<string> AskAsync(string command)
        {
            await shell.StandardInput.WriteLineAsync(command);
            await shell.StandardInput.FlushAsync();
            return await shell.StandardOutput.ReadLineAsync() ?? "";
        }

        public Task<string> IsAliveAsync() => AskAsync("echo x >&3; read -t 3 -u 3 line && echo alive || echo cut");

        public void Dispose()
        {
            shell.Kill(entireProcessTree: true);
            shell.Dispose();
        }
    }
}
