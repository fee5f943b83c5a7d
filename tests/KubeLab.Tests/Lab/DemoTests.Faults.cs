using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Faults of real pods, nodes and machines.</summary>
public sealed partial class DemoTests
{
    private const string Small = "/mnt/small", Other = "/mnt/other";

    private static readonly string[] Victims = ["paused", "unnamed", "lossy", "parted", "oneway", "limited", "busy", "killed"];

    [Fact, Order(70)]
    public async Task Faults_take_effect_end_by_themselves_after_their_shell_was_killed_and_leave_nothing()
    {
        var image = await PauseImageAsync();
        foreach (var folder in new[] { Small, Other })
            await OnAsync(2, $"mkdir -p {folder} && mount -t tmpfs -o size=20m none {folder}");
        Invoke("New-KlNamespace faults; $text | Publish-KlManifest; Get-KlPod -Namespace faults | Wait-KlResource -Condition Ready",
            ("text", string.Join("\n---\n", Victims.Select(name => Victim(name, image)))));
        Invoke("Get-KlPod killed -Namespace faults | Start-KlFault PodKill");
        await SeenAsync(async () => !(await Oracle.AskAsync("get pods -n faults -o name")).Contains("killed", StringComparison.Ordinal));
        var dns = await RestartsAsync("k8s-app=kube-dns");
        Invoke("Get-KlNode @(Get-KlPod -Namespace kube-system -Label k8s-app=kube-dns)[0].Node | Start-KlFault ServiceStop -Service coredns -For 1s");
        await SeenAsync(async () => await RestartsAsync("k8s-app=kube-dns") > dns);
        var (address, processes) = (await AddressesAsync(), await MainProcessesAsync());
        var proxies = await RestartsAsync("k8s-app=kube-proxy");
        var before = await Task.WhenAll(Enumerable.Range(1, 3).Select(StateOfAsync));
        using var connection = await OpenConnectionAsync(processes["parted"], address[1]);

        await StartAllAndKillShellAsync("30m");

        await SeenAsync(async () => await OnAsync(3, "grep -c '^State:.T' /proc/$(pgrep -x kubelet)/status || true") == "1");
        Assert.NotEqual(0, (await RunOnAsync(1, $"timeout 2 bash -c '</dev/tcp/{address[3]}/22'")).ExitCode);
        var limited = SendAsync(processes["limited"], address[1], 600);
        Assert.Equal(["false"], await OfflineLab.DockerAsync("inspect", "--format", "{{.State.Running}}", "kubernetes-4"));
        Assert.Contains("State:\tT", await OnAsync(2, $"cat /proc/{processes["paused"]}/status"), StringComparison.Ordinal);
        Assert.Equal("cut", await connection.IsAliveAsync());
        Assert.Equal(
            [("unnamed", "10.96.0.10", false), ("unnamed", address[1], true), ("lossy", address[1], false), ("parted", address[1], false),
                // The service of the API server is on the other side too, under another address.
                ("parted", "10.96.0.1", false), ("parted", address[2], true), ("oneway", address[1], false)],
            await Task.WhenAll(new[] { ("unnamed", "10.96.0.10", 53), ("unnamed", address[1], 22), ("lossy", address[1], 22), ("parted", address[1], 22),
                ("parted", "10.96.0.1", 443), ("parted", address[2], 22), ("oneway", address[1], 22) }.Select(async one => (one.Item1, one.Item2,
                    await ConnectsAsync(processes[one.Item1], one.Item2, one.Item3)))));
        // Packets to the pod arrive.
        Assert.Equal(200, await ReceivedAsync(2, processes["oneway"], await PodAddressAsync("oneway")));
        Assert.NotEqual(0, (await RunOnAsync(1, "timeout 3 bash -c '</dev/tcp/10.96.0.10/53'")).ExitCode);
        Assert.Equal(0, (await RunOnAsync(1, "timeout 9 bash -c '</dev/tcp/10.96.0.1/443'")).ExitCode);
        var used = await OnAsync(2, "cat $(find /sys/fs/cgroup/memory/kubepods* -path '*/kubelab-fault-*/memory.usage_in_bytes') | sort -n | tail -1");
        Assert.True(long.Parse(used, null) > 50_000_000, used);
        // Clock ticks (100 a second), and resident pages of 4 KiB.
        foreach (var slice in new[] { "kubepods", "system" })
            await SeenAsync(async () => await SumOfFaultsAsync(slice, "$14 + $15") > 30);
        Assert.True(await SumOfFaultsAsync("system", "$24") * 4096 > 40_000_000);
        foreach (var folder in new[] { Small, Other })
            Assert.True(long.Parse(await OnAsync(2, $"df --output=avail -B1 {folder} | tail -1"), null) <= 1 << 20);
        Assert.Equal("inactive", await OnAsync(1, "systemctl is-active kubelet || true"));
        Assert.Equal("inactive", await OnAsync(3, "systemctl is-active containerd || true"));
        await SeenAsync(async () => await RestartsAsync("k8s-app=kube-proxy") > proxies);
        // A bucket of 512 kB, and then 100 kbit/s.
        Assert.InRange(await limited, TimeSpan.FromSeconds(6), TimeSpan.MaxValue);
        await RestartAsync(processes, "paused", "lossy");
        Assert.False(await ConnectsAsync(processes["lossy"], address[1], 22));

        // Another session finds the faults by asking the machines, and ends them. The container of a paused machine is asked instead of its SSH server.
        Assert.Equal(FaultState.Ended, Assert.Single(Shell.Run("Stop-KlFault NodePause -Lab kubernetes").Output.Cast<KlFault>()).State);
        await SeenAsync(async () => (await RunOnAsync(1, $"timeout 9 bash -c '</dev/tcp/{address[3]}/22'")).ExitCode == 0);
        Assert.NotEqual(0, (await RunOnAsync(2, $"timeout 3 bash -c '</dev/tcp/{address[3]}/22'")).ExitCode);
        Assert.InRange(await ReceivedAsync(3, "1", address[3]), 100, 190);
        foreach (var command in new[] { "Get-KlFault", "Stop-KlFault" })
            Assert.Equal(
                ["ContainerPause", "CpuStress", "CpuStress", "DiskFull", "DiskFull", "DnsFailure", "DnsFailure", "MemoryStress", "MemoryStress",
                    "NetworkLimit", "NetworkLimit", "NetworkLoss", "NetworkLoss", "NetworkPartition", "NetworkPartition", "NetworkPartition", "NodeCrash",
                    "ServiceStop", "ServiceStop"],
                Shell.Run($"{command} -Lab kubernetes").Output.Cast<KlFault>().Select(one => $"{one.Kind}").Order());
        await NothingIsLeftAsync(before);

        await StartAllAndKillShellAsync("10s");
        await NothingIsLeftAsync(before);
        Assert.True(await ConnectsAsync(processes["parted"], "10.96.0.1", 443));
        Assert.Contains("State:\tS", await OnAsync(2, $"cat /proc/{processes["paused"]}/status"), StringComparison.Ordinal);
        // Other namespaces can have pods that are never Ready.
        Invoke("Get-KlNode | Wait-KlResource -Condition Ready; 'default', 'kube-system' | "
            + "ForEach-Object { Get-KlPod -Namespace $_ } | Wait-KlResource -Condition Ready");
        Invoke("Remove-KlResource Namespace faults");
        foreach (var folder in new[] { Small, Other })
            await OnAsync(2, $"umount {folder} && rmdir {folder}");
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
            $pod.oneway | Start-KlFault NetworkPartition -From $node[0] -Direction Outbound -For {{duration}}
            $pod.limited | Start-KlFault NetworkLimit -Rate 100kbit -For {{duration}}
            $pod.busy | Start-KlFault CpuStress -Cores 2 -For {{duration}}
            $pod.busy | Start-KlFault MemoryStress -Memory 50MB -For {{duration}}
            $pod.busy | Start-KlFault DiskFull -Path {{Small}} -Free 1MB -For {{duration}}
            $node[1] | Start-KlFault ServiceStop -Service kube-proxy -For 1s
            $node[1] | Start-KlFault CpuStress -Cores 1 -For {{duration}}
            $node[1] | Start-KlFault MemoryStress -Memory 40MB -For {{duration}}
            $node[1] | Start-KlFault DiskFull -Path {{Other}} -Free 1MB -For {{duration}}
            $node[1] | Start-KlFault NetworkLimit -Rate 20mbit -For {{duration}}
            $node[1] | Start-KlFault NetworkPartition -From $node[2] -For {{duration}}
            $node[0] | Start-KlFault DnsFailure -For {{duration}}
            $node[0] | Start-KlFault ServiceStop -Service kubelet -For {{duration}}
            $node[2] | Start-KlFault ServiceStop -Service containerd -For {{duration}}
            $node[2] | Start-KlFault NetworkLoss -Percent 25 -For {{duration}}
            $node[2] | Start-KlFault NodePause -For {{duration}}
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

    private static async Task<int> RestartsAsync(string label) => (await Oracle.AskAsync($"get pods -n kube-system -l {label} "
        + "-o jsonpath={.items[*].status.containerStatuses[*].restartCount}")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Sum(int.Parse);

    private static async Task<string> PodAddressAsync(string name) => await Oracle.AskAsync($"get pod {name} -n faults -o jsonpath={{.status.podIP}}");

    // The process IDs on kubernetes-2 by pod. Its containerd is asked, because faults of kubernetes-1 slow down the API server.
    private static async Task<Dictionary<string, string>> MainProcessesAsync()
    {
        var lines = await OnAsync(2, """
            cd /run/containerd/io.containerd.runtime.v2.task/k8s.io
            grep -l '"io.kubernetes.cri.sandbox-namespace":"faults"' */config.json | xargs grep -l '"io.kubernetes.cri.container-name":"main"' |
              while read -r config; do
                process=$(cat "${config%/*}/init.pid") && [ -d "/proc/$process" ] || continue
                echo "$(sed 's/.*"io.kubernetes.cri.sandbox-name":"\([^"]*\)".*/\1/' "$config") $process"
              done
            """);
        return lines.Split('\n').Select(line => line.Split(' ')).GroupBy(line => line[0]).ToDictionary(pod => pod.Key, pod => pod.Last()[1]);
    }

    private static async Task<string> OnAsync(int node, string script)
    {
        var result = await RunOnAsync(node, script);
        Assert.True(result.ExitCode == 0, $"{script}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput.Trim();
    }

    private static Task<BufferedCommandResult> RunOnAsync(int node, string script) => Cli.Wrap("docker")
        .WithArguments(["exec", $"kubernetes-{node}", "bash", "-c", script]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync().Task;
}
