using System.Diagnostics;
using System.Management.Automation;
using System.Net;
using System.Text.RegularExpressions;
using KubeLab.Engine;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Lab;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Machines become a cluster, are interrupted and killed, carry on, lose what they need, get it back, and go again.</summary>
/// <remarks>What becomes of a machine once it is made is told by its record alone. So these are containers, entered as cloud-init would have left
/// servers of a cloud, and no provider is there to be asked until the cluster stands. They run Debian 13; those of the other tests run Debian 12.</remarks>
[Collection(LabCollection.Name), Trait("Needs", "Lab"), TestCaseOrderer("KubeLab.Tests.Lab.Ordered", "KubeLab.Tests")]
public sealed class ClusterLabTests
{
    private const string Lab = OfflineLab.Mark;
    private const string Made = $"New-KlVm -Name {Lab} -Count 2 -Image debian:13";
    private const string Pipeline = "Install-KlKubeadm | Initialize-KlCluster | Join-KlNode";

    [Fact, Chapter(0)]
    public async Task Interrupted_or_killed_at_any_stage_it_ends_without_a_result()
    {
        var image = await OfflineLab.RunAsync("tests/Lab/lab.sh", "debian", "13");
        Assert.True(image.ExitCode == 0, image.StandardError);
        // In the middle of dpkg's and of kubeadm init's work, by what these say.
        Interrupted("Unpacking kubelet", Shell.Run($"{Made} | {Pipeline}", meanwhile: shell => Shell.StopAtAsync(shell, "Unpacking kubelet")));
        using var killed = ShellProcess.Start("pwsh", "-NonInteractive", "-Command", $"$DebugPreference = 'Continue'; Import-Module ./KubeLab.psd1; {Made} | {Pipeline}");
        await ShellProcess.KillAtAsync(killed, "[control-plane] Creating static Pod manifest");
    }

    [Fact, Chapter(1)]
    public void Machines_of_a_cloud_have_a_login_with_sudo_and_no_way_in_for_root() =>
        Shell.Run($$"""
            {{Made}} | Invoke-KlVmCommand "
                useradd --create-home --shell /bin/bash --password '*' {{CloudInit.User}}
                echo '{{CloudInit.User}} ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-cloud-init-users
                cp -r /root/.ssh /home/{{CloudInit.User}}/ && chown -R {{CloudInit.User}}: /home/{{CloudInit.User}}/.ssh
                echo 'PermitRootLogin no' >/etc/ssh/sshd_config.d/00-cloud.conf && systemctl reload ssh"
            """).Good<object>();

    [Fact, Chapter(2)]
    public async Task The_next_run_takes_over_from_a_killed_one()
    {
        const string Sign = "Reading configuration from the cluster";
        Interrupted(Sign, await FromRecordsAsync(shell => Shell.StopAtAsync(shell, Sign)));
    }

    [Fact, Chapter(3)]
    public async Task The_same_pipeline_completes_it_and_asks_no_provider()
    {
        var cluster = (await FromRecordsAsync()).Good<KlCluster>().Single();
        Assert.Equal((Lab, $"{Lab}-1", 2), (cluster.Name, cluster.ControlPlane.Name, cluster.ReadyNodes));
        Assert.Equal(Records().Single(one => one.Name == $"{Lab}-1").ApiEndpoint, cluster.Server.Authority);
    }

    [Fact, Chapter(4)]
    public async Task Run_again_it_changes_nothing()
    {
        foreach (var machine in Records())
            await OfflineLab.DockerAsync("exec", machine.Name, "bash", "-c", "rm /etc/ssh/sshd_config.d/00-cloud.conf && systemctl reload ssh");
        var result = Shell.Run($"{Made} | {Pipeline}");
        Assert.Single(result.Good<KlCluster>());
        Assert.All(result.Stages, stage => Assert.Equal(0, stage.Changes));
    }

    [Fact, Chapter(5)]
    public void A_new_session_finds_it()
    {
        var cluster = Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single();
        Assert.Equal(2, cluster.ReadyNodes);
        Assert.Empty(cluster.Problems);
    }

    [Fact, Chapter(5)]
    public void Its_machines_and_nodes_run_the_image_that_was_asked_for()
    {
        Assert.All(Shell.Run($"Get-KlVm {Lab}").Good<Machine>(), one => Assert.Equal("debian:13", one.Image));
        Assert.All(Shell.Run($"(Get-KlNode -Cluster {Lab}).OsImage").Good<string>(), one => Assert.Contains("trixie", one, StringComparison.Ordinal));
    }

    [Fact, Chapter(6)]
    public async Task What_was_stopped_or_deleted_is_reported_and_restored()
    {
        await OfflineLab.DockerAsync("exec", $"{Lab}-2", "systemctl", "stop", "kubelet");
        await OfflineLab.DockerAsync("exec", $"{Lab}-1", "kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "-n", "kube-system", "delete", "daemonset/kube-proxy", "deployment/coredns", "configmap/kubeadm-config");

        var down = Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single().Problems;
        Assert.Contains($"{Lab}-2 does not run kubelet (inactive)", down);
        Assert.Contains("missing: DaemonSet kube-system/kube-proxy, Deployment kube-system/coredns, ConfigMap kube-system/kubeadm-config", down);

        Assert.Equal(2, Shell.Run($"{Made} | {Pipeline}").Good<KlCluster>().Single().ReadyNodes);
        Assert.Empty(Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single().Problems);
    }

    [Fact, Chapter(7)]
    public async Task Pods_and_services_answer_on_a_machine_that_was_restarted()
    {
        await OfflineLab.DockerAsync("restart", $"{Lab}-2");
        var cluster = Shell.Run($"{Made} | {Pipeline}").Good<KlCluster>().Single();
        Assert.Equal(2, cluster.ReadyNodes);
        var answer = Shell.Run($"""
            Get-KlVm {Lab}-1 | Invoke-KlVmCommand 'kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system wait --for=condition=Ready --timeout=120s pod -l k8s-app=kube-dns'
            Get-KlVm {Lab}-2 | Invoke-KlVmCommand 'curl -s --retry 30 --retry-delay 1 --retry-all-errors http://10.96.0.10:9153/metrics -o /dev/null && curl -sk https://10.96.0.1/healthz'
            """);
        Assert.Empty(answer.Errors.Select(error => error.ToString()));
    }

    [Fact, Chapter(8)]
    public void A_worker_leaves_and_the_rest_stays()
    {
        Assert.Empty(Shell.Run($"Remove-KlVm {Lab}-2 -Confirm:$false").Errors.Select(error => error.ToString()));
        var cluster = Shell.Run($"Get-KlCluster {Lab}").Good<KlCluster>().Single();
        Assert.Equal(1, cluster.ReadyNodes);
        Assert.Single(cluster.Machines);
    }

    [Fact, Chapter(9)]
    public async Task Images_that_a_mirror_does_not_have_are_missed_at_once_and_its_settings_go_with_it()
    {
        using var http = new HttpClient();
        var right = await http.GetStringAsync(new Uri(Environment.GetEnvironmentVariable("KUBELAB_MIRROR")!));
        using var folder = new Folder();
        var path = Path.Combine(folder.Path, "mirror.yaml");
        // The discard port, where nothing listens.
        await File.WriteAllTextAsync(path, Regex.Replace(right, @"(url: http://[^:]+):\d+", "$1:9"));

        var result = Shell.Run($"{Made} | Install-KlKubeadm -Mirror '{path}' | Initialize-KlCluster | Join-KlNode");

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("ImagesUnreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("connection refused", error.ToString(), StringComparison.Ordinal);
    }

    [Fact, Chapter(10)]
    public async Task Two_sessions_that_add_a_worker_at_once_end_with_the_same_cluster()
    {
        using var first = Start();
        using var second = Start();
        var (one, other) = (await ShellProcess.EndAsync(first), await ShellProcess.EndAsync(second));

        Assert.Equal(("2\n", "", 0), (one.Output, one.Error, one.Code));
        Assert.Equal(one, other);
        Assert.Equal([$"{Lab}-1", $"{Lab}-2"], Shell.Run($"(Get-KlNode -Cluster {Lab}).Name").Good<string>());
        var url = Regex.Match(await new HttpClient().GetStringAsync(new Uri(Environment.GetEnvironmentVariable("KUBELAB_MIRROR")!)), @"url: (\S+)").Groups[1].Value;
        Assert.All(await OfflineLab.DockerAsync("exec", $"{Lab}-2", "grep", "-rhE", "^(server|\\[host)", "/etc/containerd/certs.d"), line => Assert.Contains(url, line, StringComparison.Ordinal));

        static Process Start() => ShellProcess.Start("pwsh", "-NonInteractive", "-Command", $"Import-Module ./KubeLab.psd1; ({Made} | {Pipeline}).ReadyNodes");
    }

    [Fact, Chapter(100)]
    public void Removed_it_leaves_no_context()
    {
        Assert.Empty(Shell.Run($"Remove-KlVm {Lab} -Confirm:$false").Errors.Select(error => error.ToString()));
        Assert.Empty(Shell.Run($"Get-KlCluster {Lab}*; Get-KlVm {Lab}*").Good<object>());
    }

    private static void Interrupted(string sign, ShellResult result)
    {
        Assert.Contains(result.Debug, line => line.Contains(sign, StringComparison.Ordinal));
        Assert.Empty(result.Output);
        Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors));
    }

    private static IReadOnlyList<Machine> Records() => [.. Shell.Run($"Get-KlVm {Lab} -Provider Docker").Good<Machine>().Select(one => new Machine
    {
        Name = one.Name, Lab = one.Lab, Provider = OpenStackProvider.ProviderName, Id = Guid.NewGuid().ToString(), State = "Running",
        Address = one.Address, PublicAddress = IPAddress.Loopback, ApiEndpoint = one.ApiEndpoint, Ssh = one.Ssh with { User = CloudInit.User },
        Cloud = "nowhere", Flavor = "m1.small", Image = "Debian 12", Created = one.Created, IsContainer = one.IsContainer,
    })];

    private static async Task<ShellResult> FromRecordsAsync(Func<PowerShell, Task>? meanwhile = null)
    {
        await using var hosts = new SshHostPool(TimeProvider.System);
        return Shell.Run($"$vm | {Pipeline}", new LabEngine(hosts, [], TimeProvider.System), new Dictionary<string, object?> { ["vm"] = Records() }, meanwhile);
    }
}
