using System.Management.Automation;
using KubeLab.Engine.Bootstrap;
using KubeLab.Tests.Lab;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Machines become a cluster, are interrupted, carry on, and go again.</summary>
[Collection(LabCollection.Name), Trait("Needs", "Lab"), TestCaseOrderer("KubeLab.Tests.Lab.Ordered", "KubeLab.Tests")]
public sealed class ClusterLabTests
{
    private const string Pipeline = "New-KlVm -Name boottest -Count 2 | Install-KlKubeadm | Initialize-KlCluster | Join-KlNode";

    [Fact, Chapter(1)]
    public void Interrupted_at_any_stage_it_ends_without_a_result_or_an_error()
    {
        // In the middle of dpkg's, kubeadm init's and kubeadm join's work, by what these say.
        foreach (var sign in new[] { "Unpacking kubelet", "[control-plane] Creating static Pod manifest", "Reading configuration from the cluster" })
        {
            var result = Shell.Run(Pipeline, meanwhile: shell => StopAtAsync(shell, sign));
            Assert.Contains(result.Debug, line => line.Contains(sign, StringComparison.Ordinal));
            Assert.Empty(result.Output);
            Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors));
        }
    }

    [Fact, Chapter(2)]
    public void The_same_pipeline_completes_it()
    {
        var cluster = Shell.Run(Pipeline).Good<KlCluster>().Single();
        Assert.Equal(("boottest", "boottest-1", 2), (cluster.Name, cluster.ControlPlane.Name, cluster.ReadyNodes));
    }

    [Fact, Chapter(3)]
    public void Run_again_it_changes_nothing()
    {
        var result = Shell.Run(Pipeline);
        Assert.Single(result.Good<KlCluster>());
        Assert.All(result.Stages, stage => Assert.Equal(0, stage.Changes));
    }

    [Fact, Chapter(4)]
    public void A_new_session_finds_it() =>
        Assert.Equal(2, Shell.Run("Get-KlCluster boottest").Good<KlCluster>().Single().ReadyNodes);

    [Fact, Chapter(5)]
    public async Task Pods_and_services_answer_on_a_machine_that_was_restarted()
    {
        await OfflineLab.DockerAsync("restart", "boottest-2");
        var cluster = Shell.Run(Pipeline).Good<KlCluster>().Single();
        Assert.Equal(2, cluster.ReadyNodes);
        var answer = Shell.Run("""
            Get-KlVm boottest-1 | Invoke-KlVmCommand 'kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system wait --for=condition=Ready --timeout=120s pod -l k8s-app=kube-dns'
            Get-KlVm boottest-2 | Invoke-KlVmCommand 'curl -s --retry 30 --retry-delay 1 --retry-all-errors http://10.96.0.10:9153/metrics -o /dev/null && curl -sk https://10.96.0.1/healthz'
            """);
        Assert.Empty(answer.Errors.Select(error => error.ToString()));
    }

    [Fact, Chapter(6)]
    public void A_worker_leaves_and_the_rest_stays()
    {
        Assert.Empty(Shell.Run("Remove-KlVm boottest-2 -Confirm:$false").Errors.Select(error => error.ToString()));
        var cluster = Shell.Run("Get-KlCluster boottest").Good<KlCluster>().Single();
        Assert.Equal(1, cluster.ReadyNodes);
        Assert.Single(cluster.Machines);
    }

    [Fact, Chapter(100)]
    public void Removed_it_leaves_no_context()
    {
        Assert.Empty(Shell.Run("Remove-KlVm boottest* -Confirm:$false").Errors.Select(error => error.ToString()));
        Assert.Empty(Shell.Run("Get-KlCluster boottest*; Get-KlVm boottest*").Good<object>());
    }

    private static async Task StopAtAsync(PowerShell shell, string sign)
    {
        for (var read = 0; shell.InvocationStateInfo.State is PSInvocationState.NotStarted or PSInvocationState.Running; await Task.Delay(20))
            for (; read < shell.Streams.Debug.Count; read++)
                if (shell.Streams.Debug[read].Message.Contains(sign, StringComparison.Ordinal))
                {
                    shell.Stop();
                    return;
                }
    }
}
