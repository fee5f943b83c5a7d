using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Faults of real pods, nodes and machines.</summary>
public sealed partial class DemoTests
{
    private const string Small = "/mnt/small";

    private static readonly string[] Victims = ["paused", "unnamed", "lossy", "parted", "limited", "busy"];

    [Fact, Order(70)]
    public async Task Faults_take_effect_end_by_themselves_after_their_shell_was_killed_and_leave_nothing()
    {
        var image = await PauseImageAsync();
        await OnAsync(2, $"mkdir -p {Small} && mount -t tmpfs -o size=20m none {Small}");
        Invoke("New-KlNamespace faults; $text | Publish-KlManifest; Get-KlPod -Namespace faults | Wait-KlResource -Condition Ready",
            ("text", string.Join("\n---\n", Victims.Select(name => Victim(name, image)))));
        var (address, processes, restarts) = (await AddressesAsync(), await MainProcessesAsync(), await ProxyRestartsAsync());
        var before = await Task.WhenAll(Enumerable.Range(1, 3).Select(StateOfAsync));
        using var connection = await OpenConnectionAsync(processes["parted"], address[1]);

        await StartAllAndKillShellAsync("30m");

        await SeenAsync(async () => await OnAsync(3, "grep -c '^State:.T' /proc/$(pgrep -x kubelet)/status || true") == "1");
        Assert.NotEqual(0, (await RunOnAsync(2, $"timeout 2 bash -c '</dev/tcp/{address[3]}/22'")).ExitCode);
        Assert.Equal(["false"], await OfflineLab.DockerAsync("inspect", "--format", "{{.State.Running}}", "kubernetes-4"));
        Assert.Contains("State:\tT", await OnAsync(2, $"cat /proc/{processes["paused"]}/status"), StringComparison.Ordinal);
        Assert.Equal("cut", await connection.IsAliveAsync());
        Assert.Equal(
            [("unnamed", "10.96.0.10", false), ("unnamed", address[1], true), ("lossy", address[1], false), ("parted", address[1], false),
                // The service of the API server is on the other side too, under another address.
                ("parted", "10.96.0.1", false), ("parted", address[2], true)],
            await Task.WhenAll(new[] { ("unnamed", "10.96.0.10", 53), ("unnamed", address[1], 22), ("lossy", address[1], 22), ("parted", address[1], 22),
                ("parted", "10.96.0.1", 443), ("parted", address[2], 22) }.Select(async one => (one.Item1, one.Item2,
                    await ConnectsAsync(processes[one.Item1], one.Item2, one.Item3)))));
        Assert.Contains("tbf", await OnAsync(2, $"nsenter -t {processes["limited"]} -n tc qdisc show dev eth0"), StringComparison.Ordinal);
        Assert.True(int.Parse(await OnAsync(2, "cat $(find /sys/fs/cgroup -path '*cpu*/kubelab-fault-*/cgroup.procs') | sort -u | wc -l"), null) >= 2);
        var used = await OnAsync(2, "cat $(find /sys/fs/cgroup/memory/kubepods* -path '*/kubelab-fault-*/memory.usage_in_bytes') | sort -n | tail -1");
        Assert.True(long.Parse(used, null) > 50_000_000, used);
        Assert.True(long.Parse(await OnAsync(2, $"df --output=avail -B1 {Small} | tail -1"), null) <= 1 << 20);
        Assert.Equal("inactive", await OnAsync(1, "systemctl is-active kubelet || true"));
        await SeenAsync(async () => await ProxyRestartsAsync() > restarts);

        // Another session finds the faults by asking the machines, and ends them. A paused machine does not answer until it continues by itself.
        foreach (var command in new[] { "Get-KlFault", "Stop-KlFault" })
            Assert.Equal(
                ["ContainerPause", "CpuStress", "DiskFull", "DnsFailure", "MemoryStress", "NetworkLimit", "NetworkLoss", "NetworkPartition", "NodeCrash",
                    "ServiceStop"],
                Shell.Run($"{command} -Lab kubernetes").Output.Cast<KlFault>().Select(one => $"{one.Kind}").Where(one => one != "NodePause").Order());
        await NothingIsLeftAsync(before);

        await StartAllAndKillShellAsync("10s");
        await NothingIsLeftAsync(before);
        Assert.True(await ConnectsAsync(processes["parted"], "10.96.0.1", 443));
        Assert.Contains("State:\tS", await OnAsync(2, $"cat /proc/{processes["paused"]}/status"), StringComparison.Ordinal);
        // Other namespaces can have pods that are never Ready.
        Invoke("Get-KlNode | Wait-KlResource -Condition Ready; 'default', 'kube-system' | "
            + "ForEach-Object { Get-KlPod -Namespace $_ } | Wait-KlResource -Condition Ready");
        Invoke("Remove-KlResource Namespace faults");
        await OnAsync(2, $"umount {Small} && rmdir {Small}");
    }

    private static async Task StartAllAndKillShellAsync(string duration)
    {
        using var shell = ShellProcess.Start($$"""
            $pod = @{}; Get-KlPod -Namespace faults | ForEach-Object { $pod[$_.Name] = $_ }
            $node = Get-KlNode | Sort-Object Name
            Get-KlVm kubernetes-4 | Start-KlFault NodeCrash -For {{duration}}
            $pod.paused | Start-KlFault ContainerPause -For {{duration}}
            $pod.unnamed | Start-KlFault DnsFailure -For {{duration}}
            $pod.lossy | Start-KlFault NetworkLoss -Percent 100 -For {{duration}}
            $pod.parted | Start-KlFault NetworkPartition -From $node[0] -For {{duration}}
            $pod.parted | Start-KlFault NetworkPartition -From $node[0] -For 1s
            $pod.limited | Start-KlFault NetworkLimit -Rate 100kbit -For {{duration}}
            $pod.busy | Start-KlFault CpuStress -Cores 2 -For {{duration}}
            $pod.busy | Start-KlFault MemoryStress -Memory 50MB -For {{duration}}
            $pod.busy | Start-KlFault DiskFull -Path {{Small}} -Free 1MB -For {{duration}}
            $node[1] | Start-KlFault ServiceStop -Service kube-proxy -For 1s
            $node[0] | Start-KlFault ServiceStop -Service kubelet -For {{duration}}
            $node[2] | Start-KlFault NodePause -For 20s
            'all are started'
            """, new Dictionary<string, string?>());
        await ShellProcess.KillAtAsync(shell, "all are started");
    }

    private static async Task NothingIsLeftAsync(string[] before)
    {
        await SeenAsync(() => Task.FromResult(Shell.Run("Get-KlFault -Lab kubernetes") is { Output.Count: 0, Warnings.Count: 0 }));
        await SeenAsync(async () => (await Task.WhenAll(Enumerable.Range(1, 3).Select(StateOfAsync))).SequenceEqual(before));
        Assert.DoesNotContain("KUBELAB", await OnAsync(4, "iptables-save"), StringComparison.Ordinal);
        Assert.Empty(await OfflineLab.DockerAsync("volume", "ls", "-q", "--filter", "label=org.kubelab=power-cut"));
    }

    [Fact, Order(71)]
    public void Faults_that_cannot_be_started_change_nothing()
    {
        foreach (var (command, id) in new (string, string)[]
        {
            ("Get-KlVm kubernetes-2 | Start-KlFault ClockSkew -By 1m", "FaultUnsupported"),
            ("Get-KlVm kubernetes-2 | Start-KlFault NetworkDelay -Delay 100ms", "FaultUnsupported"),
            ("Get-KlVm kubernetes-2 | Start-KlFault DiskFull -Path /var", "FaultUnsupported"),
            ("Get-KlVm kubernetes-2 | Start-KlFault DiskFull -Path /no/such/folder", "FaultTargetGone"),
            ("Get-KlVm kubernetes-2 | Start-KlFault MemoryStress -Memory 1PB", "FaultUnsupported"),
            ("Get-KlVm kubernetes-2 | Start-KlFault ServiceStop -Service nothing", "FaultTargetGone"),
            ("@(Get-KlPod web*)[0] | Start-KlFault DiskFull -Path /tmp", "FaultTargetGone"),
        })
        {
            var error = Assert.Single(Shell.Run(command).Errors);
            Assert.True(error.FullyQualifiedErrorId.StartsWith(id + ",", StringComparison.Ordinal), $"{command}: {error.FullyQualifiedErrorId} {error}");
        }
        Assert.Empty(Shell.Run("Get-KlFault -Lab kubernetes").Good<KlFault>());
    }

    private static string Victim(string name, string image) => $$$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{{name}}}, namespace: faults}
        spec:
          nodeName: kubernetes-2
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: "{{{image}}}", volumeMounts: [{name: small, mountPath: {{{Small}}}}]}]
          volumes: [{name: small, hostPath: {path: {{{Small}}}}}]
        """;

    private static async Task<Dictionary<int, string>> AddressesAsync()
    {
        var all = new Dictionary<int, string>();
        for (var node = 1; node <= 4; node++)
            all[node] = (await OfflineLab.DockerAsync("inspect", "--format", "{{.NetworkSettings.Networks.kubelab.IPAddress}}", $"kubernetes-{node}"))[0];
        return all;
    }

    private static async Task<int> ProxyRestartsAsync() => int.Parse(await Oracle.AskAsync("get pods -n kube-system -l k8s-app=kube-proxy "
        + "--field-selector spec.nodeName=kubernetes-2 -o jsonpath={.items[0].status.containerStatuses[0].restartCount}"), null);

    // The process IDs on kubernetes-2.
    private static async Task<Dictionary<string, string>> MainProcessesAsync()
    {
        var all = new Dictionary<string, string>();
        foreach (var pod in Shell.Run("Get-KlPod -Namespace faults").Good<KlPod>())
            all[pod.Name] = await OnAsync(2,
                $"cat /run/containerd/io.containerd.runtime.v2.task/k8s.io/{pod.Object.Status.ContainerStatuses[0].ContainerID.Split('/')[^1]}/init.pid");
        return all;
    }

    // What a fault could leave behind.
    private static Task<string> StateOfAsync(int node) => OnAsync(node, """
        iptables-save -t mangle | sed '/^#/d; s/\[[0-9:]*\]//'
        iptables-save | grep -c KUBELAB
        ip6tables-save | grep -c KUBELAB
        tc qdisc show
        find /sys/fs/cgroup -name '*kubelab-fault*'
        systemctl list-units --all --plain --no-legend 'kubelab-fault*'
        systemctl is-active kubelet containerd
        systemctl --failed --plain --no-legend | awk '{print $1}'
        ls /run/kubelab/faults 2>/dev/null | grep -v '^lock$'
        grep -l '^State:.T' /proc/[0-9]*/status
        find /etc -type f -exec sha256sum {} + | sort
        df --output=avail /mnt/small 2>/dev/null
        true
        """);

    private static async Task<string> OnAsync(int node, string script)
    {
        var result = await RunOnAsync(node, script);
        Assert.True(result.ExitCode == 0, $"{script}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput.Trim();
    }

    private static Task<BufferedCommandResult> RunOnAsync(int node, string script) => Cli.Wrap("docker")
        .WithArguments(["exec", $"kubernetes-{node}", "bash", "-c", script]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync().Task;

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
