using System.Diagnostics;
using System.Management.Automation;
using System.Text.RegularExpressions;
using KubeLab.Engine;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Lab;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Creates a cluster with interrupted and killed runs, repairs it and removes it.</summary>
/// <remarks>The commands depend only on the machine records. The machines are therefore containers that are configured like cloud servers after
/// cloud-init, and no provider is available until the cluster is created. They run Debian 13; other tests use Debian 12.</remarks>
[Requires(0, From = 1, To = 100), Requires(1, From = 2, To = 100), Requires(3, From = 4, To = 99), Requires(4, From = 5, To = 99)]
[Requires(8, From = 9, To = 11), Requires(9, From = 10, To = 11), Requires(10, From = 11, To = 11), Requires(12, From = 13, To = 13)]
[Collection(LabCollection.Name), Trait("Needs", "Lab"), TestCaseOrderer("KubeLab.Tests.Lab.Ordered", "KubeLab.Tests")]
public sealed class ClusterLabTests
{
    private const string Lab = OfflineLab.Prefix;
    // The stages of an installation are interrupted.
    private const string Machines = $"New-KlVm -Name {Lab} -Count 2 -Image debian:13 -NoCache";
    private const string Pipeline = "Install-KlKubeadm | Initialize-KlCluster | Join-KlNode";

    // The state of a machine on which Kubernetes is installed, and that is not a node.
    private static readonly List<string> Installed = [];

    [Fact, Order(0)]
    public async Task A_run_that_is_stopped_or_killed_returns_no_result()
    {
        var image = await OfflineLab.RunAsync("tests/Lab/lab.sh", "debian", "13");
        Assert.True(image.ExitCode == 0, image.StandardError);
        // During dpkg and during kubeadm init, according to their output.
        AssertStopped("Unpacking kubelet", Shell.Run($"{Machines} | {Pipeline}", meanwhile: shell => Shell.StopAtAsync(shell, "Unpacking kubelet")));
        using var killed = ShellProcess.Start(
            "-NonInteractive", "-Command", $"$DebugPreference = 'Continue'; Import-Module ./KubeLab.psd1; {Machines} | {Pipeline}");
        await ShellProcess.KillAtAsync(killed, "[control-plane] Creating static Pod manifest");
    }

    [Fact, Order(1)]
    public void Cloud_machines_have_a_user_with_sudo_and_no_root_login() =>
        Shell.Run($$"""
            {{Machines}} | Invoke-KlVmCommand "
                useradd --create-home --shell /bin/bash --password '*' {{CloudInit.User}}
                echo '{{CloudInit.User}} ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-cloud-init-users
                cp -r /root/.ssh /home/{{CloudInit.User}}/ && chown -R {{CloudInit.User}}: /home/{{CloudInit.User}}/.ssh
                echo 'PermitRootLogin no' >/etc/ssh/sshd_config.d/00-cloud.conf && systemctl reload ssh"
            """).Good<object>();

    [Fact, Order(2)]
    public async Task The_next_run_continues_a_killed_one()
    {
        const string Text = "Reading configuration from the cluster";
        AssertStopped(Text, await FromRecordsAsync(shell => Shell.StopAtAsync(shell, Text)));
    }

    [Fact, Order(3)]
    public async Task The_same_pipeline_completes_the_cluster_without_a_provider()
    {
        var cluster = (await FromRecordsAsync()).Good<KlCluster>().Single();
        Assert.Equal((Lab, $"{Lab}-1", 2), (cluster.Name, cluster.ControlPlane.Name, cluster.ReadyNodes));
        Assert.Equal(Records().Single(one => one.Name == $"{Lab}-1").ApiEndpoint, new Uri(cluster.Server).Authority);
    }

    [Fact, Order(4)]
    public async Task A_second_run_changes_nothing()
    {
        foreach (var machine in Records())
            await OfflineLab.DockerAsync("exec", machine.Name, "bash", "-c", "rm /etc/ssh/sshd_config.d/00-cloud.conf && systemctl reload ssh");
        var result = Shell.Run($"{Machines} | {Pipeline}");
        Assert.Single(result.Good<KlCluster>());
        Assert.All(result.Stages, stage => Assert.Equal(0, stage.Changes));
    }

    [Fact, Order(5)]
    public void A_new_session_finds_the_cluster()
    {
        var cluster = Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single();
        Assert.Equal(2, cluster.ReadyNodes);
        Assert.Empty(cluster.Problems);
    }

    [Fact, Order(5)]
    public void Machines_and_nodes_run_the_requested_image()
    {
        Assert.All(Shell.Run($"Get-KlVm {Lab}").Good<Machine>(), one => Assert.Equal("debian:13", one.Image));
        Assert.All(Shell.Run($"(Get-KlNode -Cluster {Lab}).OsImage").Good<string>(), one => Assert.Contains("trixie", one, StringComparison.Ordinal));
    }

    [Fact, Order(6)]
    public async Task Pods_and_services_respond_after_a_restart_of_the_machine_during_faults()
    {
        var faults = Shell.Run($"""
            $node, $other = (Get-KlNode {Lab}-2 -Cluster {Lab}), (Get-KlNode {Lab}-1 -Cluster {Lab})
            $node | Start-KlFault NetworkPartition -From $other -For 30m -Force
            $node | Start-KlFault NetworkLimit -Rate 100kbit -For 30m
            $node | Start-KlFault ServiceStop -Service kubelet -For 30m
            """).Good<KlFault>();
        Assert.Equal(["NetworkPartition", "NetworkLimit", "ServiceStop"], faults.Select(fault => $"{fault.Kind}"));
        await OfflineLab.DockerAsync("restart", $"{Lab}-2");
        var cluster = Shell.Run($"{Machines} | {Pipeline}").Good<KlCluster>().Single();
        Assert.Equal(2, cluster.ReadyNodes);
        Assert.Empty(Shell.Run($"Get-KlFault -Lab {Lab}").Good<KlFault>());
        Assert.DoesNotContain("KUBELAB", string.Join('\n', await OfflineLab.DockerAsync("exec", $"{Lab}-2", "iptables-save")), StringComparison.Ordinal);
        var result = Shell.Run($"""
            $kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system'
            Get-KlVm {Lab}-1 | Invoke-KlVmCommand "$kubectl wait --for=condition=Ready --timeout=120s pod -l k8s-app=kube-dns"
            $curl = 'curl -s --retry 30 --retry-delay 1 --retry-all-errors'
            Get-KlVm {Lab}-2 | Invoke-KlVmCommand "$curl http://10.96.0.10:9153/metrics -o /dev/null && curl -sk https://10.96.0.1/healthz"
            """);
        Assert.Empty(result.Errors.Select(error => error.ToString()));
    }

    [Fact, Order(7)]
    public async Task Stopped_services_and_deleted_objects_are_reported_and_restored()
    {
        await OfflineLab.DockerAsync("exec", $"{Lab}-2", "systemctl", "stop", "kubelet");
        await OfflineLab.DockerAsync(
            "exec", $"{Lab}-1", "kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "-n", "kube-system", "delete",
            "daemonset/kube-proxy", "deployment/coredns", "configmap/kubeadm-config");

        var problems = Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single().Problems;
        Assert.Contains($"{Lab}-2: not running: kubelet (inactive)", problems);
        Assert.Contains("missing: DaemonSet kube-system/kube-proxy, Deployment kube-system/coredns, ConfigMap kube-system/kubeadm-config", problems);

        Assert.Equal(2, Shell.Run($"{Machines} | {Pipeline}").Good<KlCluster>().Single().ReadyNodes);
        Assert.Empty(Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single().Problems);
    }

    [Fact, Order(8)]
    public void A_worker_is_removed_and_the_other_machines_stay()
    {
        Assert.Empty(Shell.Run($"Remove-KlVm {Lab}-2 -Confirm:$false").Errors.Select(error => error.ToString()));
        var cluster = Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single();
        Assert.Equal(1, cluster.ReadyNodes);
        Assert.Single(cluster.Machines);
    }

    [Fact, Order(9)]
    public async Task An_unreachable_mirror_is_reported_at_once()
    {
        using var http = new HttpClient();
        var mirror = await http.GetStringAsync(new Uri(Environment.GetEnvironmentVariable("KUBELAB_MIRROR")!));
        using var folder = new Folder();
        var path = Path.Combine(folder.Path, "mirror.yaml");
        // No process listens on the discard port.
        await File.WriteAllTextAsync(path, Regex.Replace(mirror, @"(url: http://[^:]+):\d+", "$1:9"));

        var result = Shell.Run($"{Machines} | Install-KlKubeadm -Mirror '{path}' | Initialize-KlCluster | Join-KlNode");

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("ImagesUnreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("connection refused", error.ToString(), StringComparison.Ordinal);

        string[] rule = ["INPUT", "-p", "tcp", "--dport", "9", "-m", "comment", "--comment", "KUBE-LIKE rule of the user", "-j", "ACCEPT"];
        await OfflineLab.DockerAsync(["exec", $"{Lab}-2", "iptables", "-A", .. rule]);
        Installed.AddRange(await StateAsync($"{Lab}-2"));
    }

    [Fact, Order(10)]
    public async Task Two_sessions_that_add_a_worker_at_once_return_the_same_cluster()
    {
        using var first = Start();
        using var second = Start();
        var (one, other) = (await ShellProcess.EndAsync(first), await ShellProcess.EndAsync(second));

        Assert.Equal(("2\n", "", 0), (one.Output, one.Error, one.Code));
        Assert.Equal(one, other);
        Assert.Equal([$"{Lab}-1", $"{Lab}-2"], Shell.Run($"(Get-KlNode -Cluster {Lab}).Name").Good<string>());
        using var http = new HttpClient();
        var mirror = await http.GetStringAsync(new Uri(Environment.GetEnvironmentVariable("KUBELAB_MIRROR")!));
        var url = Regex.Match(mirror, @"url: (\S+)").Groups[1].Value;
        Assert.All(
            await OfflineLab.DockerAsync("exec", $"{Lab}-2", "grep", "-rhE", "^(server|\\[host)", "/etc/containerd/certs.d"),
            line => Assert.Contains(url, line, StringComparison.Ordinal));

        static Process Start() =>
            ShellProcess.Start("-NonInteractive", "-Command", $"Import-Module ./KubeLab.psd1; ({Machines} | {Pipeline}).ReadyNodes");
    }

    [Fact, Order(11)]
    public async Task A_removed_node_is_as_after_the_installation_and_can_join_again()
    {
        await OfflineLab.DockerAsync("exec", $"{Lab}-2", "bash", "-c", "mkdir /root/.kube && cp /etc/kubernetes/kubelet.conf /root/.kube/config");
        var joined = await StateAsync($"{Lab}-2");
        Assert.All(((string[])["KUBE-", "container ", "mount /var/lib/kubelet/", "/etc/kubernetes/", "/root/.kube/config", "kubelab-routes"]),
            part => Assert.Contains(joined, line => line.Contains(part, StringComparison.Ordinal)));

        var result = Shell.Run($"Get-KlNode {Lab}-2 -Cluster {Lab} | Remove-KlNode -PassThru -Confirm:$false");

        Assert.Equal($"{Lab}-2", Assert.Single(result.Good<Machine>()).Name);
        Assert.Empty(result.Warnings);
        Assert.Equal([$"{Lab}-1"], Shell.Run($"(Get-KlNode -Cluster {Lab}).Name").Good<string>());
        Assert.Equal(Installed, await StateAsync($"{Lab}-2"));
        Assert.Equal(2, Shell.Run($"Get-KlCluster {Lab} | Join-KlNode").Good<KlCluster>().Single().ReadyNodes);
    }

    [Fact, Order(12)]
    public async Task Two_sessions_that_create_a_cluster_with_a_registry_at_once_return_the_same_one()
    {
        Assert.Empty(Shell.Run($"Remove-KlVm {Lab} -Confirm:$false").Errors.Select(error => error.ToString()));
        using var first = Start("");
        // The second one meets the first one at another step than with a simultaneous start.
        using var second = Start("Start-Sleep -Milliseconds 700; ");
        var (one, other) = (await ShellProcess.EndAsync(first), await ShellProcess.EndAsync(second));

        Assert.Equal(("", 0), (one.Error, one.Code));
        Assert.Matches($"^{Lab} https://\\S+ {Lab}-1 {Lab}-1,{Lab}-2 2 \\S+:\\d+\n$", one.Output);
        Assert.Equal(one, other);
        var cluster = Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single();
        Assert.Equal(2, cluster.ReadyNodes);
        Assert.Empty(cluster.Problems);

        // A session warns when it waits long for the other one.
        static Process Start(string before) => ShellProcess.Start("-NonInteractive", "-Command",
            "$WarningPreference = 'SilentlyContinue'; Import-Module ./KubeLab.psd1; "
                + $"{before}$r = New-KlVm -Name {Lab} -Count 2 | {Pipeline} | New-KlRegistry; $c = $r.Cluster; "
                + "\"$c $($c.Server) $($c.ControlPlane) $($c.Machines -join ',') $($c.ReadyNodes) $r\"");
    }

    [Fact, Order(13)]
    public async Task A_cluster_that_was_reset_can_be_created_again_on_its_machines()
    {
        var machines = Shell.Run($"Get-KlCluster {Lab} | Reset-KlCluster -Confirm:$false").Good<Machine>();
        Assert.Equal([$"{Lab}-1", $"{Lab}-2"], machines.Select(machine => machine.Name).Order());
        Assert.DoesNotContain(Shell.Run($"Get-KlCluster {Lab}*").Good<KlCluster>(), one => one.Name == Lab);
        foreach (var machine in machines)
            Assert.DoesNotContain(await StateAsync(machine.Name),
                line => Regex.IsMatch(line, "KUBE-|^container|device cni0|kubernetes/|/var/lib/(etcd|kubelet)/|kubelab-registry"));

        // Joining a machine again is tested above.
        Assert.Single(Shell.Run($"Get-KlVm {Lab}-1 | Initialize-KlCluster").Good<KlCluster>());
        Assert.Equal([$"{Lab}-1"], Shell.Run($"(Get-KlNode -Cluster {Lab}).Name").Good<string>());
    }

    [Fact, Order(100)]
    public void A_removed_cluster_leaves_no_context()
    {
        Assert.Empty(Shell.Run($"Remove-KlVm {Lab} -Confirm:$false").Errors.Select(error => error.ToString()));
        // Other processes can have labs whose names begin with that of this lab.
        Assert.DoesNotContain(Shell.Run($"Get-KlCluster {Lab}*").Good<KlCluster>(), one => one.Name == Lab);
        Assert.DoesNotContain(Shell.Run($"Get-KlVm {Lab}*").Good<Machine>(), one => one.Lab == Lab);
    }

    private static void AssertStopped(string text, ShellResult result)
    {
        Assert.Contains(result.Debug, line => line.Contains(text, StringComparison.Ordinal));
        Assert.Empty(result.Output);
        Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors));
    }

    // Firewall rules, network devices, routes, containers, mounts, running services, and files except the record of the node.
    private static Task<string[]> StateAsync(string machine) => OfflineLab.DockerAsync("exec", machine, "bash", "-c", """
        for tool in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
          $tool-save 2>/dev/null | grep -E '^(-A|:[^ ]+ -)' | sed "s/^/$tool /; s/ \[.*//"
        done
        ip -o link show | awk -F'[:@]' '{print "device" $2}'
        { ip route; ip -6 route; } | sed 's/ pref .*//; s/^/route /' | sort
        ctr -n k8s.io containers ls -q | sed 's/^/container /'
        ip netns list
        awk '$2 ~ "^/(var/lib|run)/" {print "mount", $2}' /proc/mounts | sort
        systemctl list-units --no-legend --plain --state=active --type=service,slice,timer 'kube*' | awk '{print "unit", $1}'
        find /etc /root /usr/local /var/lib/{cni,etcd,kubelet,kubelab,calico} /var/log/{pods,containers} -type f ! -path /etc/kubelab/node 2>/dev/null | sort
        """);

    private static IReadOnlyList<Machine> Records() => [.. Shell.Run($"Get-KlVm {Lab} -Provider Docker").Good<Machine>().Select(one => new Machine
    {
        Name = one.Name, Lab = one.Lab, Provider = OpenStackProvider.ProviderName, Id = Guid.NewGuid().ToString(), State = "Running",
        Address = one.Address, PublicAddress = "127.0.0.1", ApiEndpoint = one.ApiEndpoint, Ssh = one.Ssh with { User = CloudInit.User },
        Location = "nowhere", Size = "m1.small", Image = "Debian 12", Created = one.Created, IsContainer = one.IsContainer,
    })];

    private static async Task<ShellResult> FromRecordsAsync(Func<PowerShell, Task>? meanwhile = null)
    {
        await using var hosts = new SshHostPool(TimeProvider.System);
        var variables = new Dictionary<string, object?> { ["vm"] = Records() };
        return Shell.Run($"$vm | {Pipeline}", new LabEngine(hosts, [], TimeProvider.System), variables, meanwhile);
    }
}
