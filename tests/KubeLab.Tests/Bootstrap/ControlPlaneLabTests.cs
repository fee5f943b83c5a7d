using KubeLab.Tests.Lab;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Adds control planes to a running cluster, loses one, replaces it and removes one.</summary>
[Requires(0, From = 1, To = 10), Requires(1, From = 2, To = 10), Requires(4, From = 5, To = 10)]
[Collection(LabCollection.Name), Trait("Needs", "Lab"), TestCaseOrderer("KubeLab.Tests.Lab.Ordered", "KubeLab.Tests")]
public sealed class ControlPlaneLabTests
{
    private const string Lab = OfflineLab.Prefix + "-ha";
    private const string Pipeline = $"New-KlVm -Name {Lab} -Count 4 | Install-KlKubeadm | Initialize-KlCluster -ControlPlane 3 | Join-KlNode";

    // The image of etcd has a server that answers HTTP. The control planes have taints, so the pod runs on the worker.
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: IMAGE
                command: [etcd, --data-dir=/data, "--listen-client-urls=http://0.0.0.0:2379", "--advertise-client-urls=http://127.0.0.1:2379"]
                volumeMounts: [{name: data, mountPath: /data}]
              volumes: [{name: data, emptyDir: {}}]
        """;

    [Fact, Order(0)]
    public void A_new_cluster_with_one_control_plane_has_no_load_balancer()
    {
        var cluster = Shell.Run($"New-KlVm -Name {Lab} -Count 2 | Install-KlKubeadm | Initialize-KlCluster | Join-KlNode").Good<KlCluster>().Single();
        Assert.Equal((2, null), (cluster.ReadyNodes, cluster.LoadBalancer));
    }

    [Fact, Order(1)]
    public async Task Two_control_planes_are_added()
    {
        var cluster = Shell.Run(Pipeline).Good<KlCluster>().Single();
        Assert.Equal([$"{Lab}-1", $"{Lab}-3", $"{Lab}-4"], cluster.ControlPlanes.Select(machine => machine.Name));
        Assert.Equal((4, $"{Lab}-lb", cluster.LoadBalancer?.ApiEndpoint), (cluster.ReadyNodes, cluster.LoadBalancer?.Name, new Uri(cluster.Server).Authority));
        Assert.Equal([$"{Lab}-1", $"{Lab}-3", $"{Lab}-4"], await MembersAsync($"{Lab}-1"));
        // The worker no longer depends on the first machine.
        Assert.Contains(await OfflineLab.DockerAsync("exec", $"{Lab}-2", "getent", "hosts", $"{Lab}.kubelab.internal"),
            line => line.StartsWith($"{cluster.LoadBalancer?.Address} ", StringComparison.Ordinal));
    }

    [Fact, Order(2)]
    public void A_second_run_changes_nothing()
    {
        var result = Shell.Run(Pipeline);
        Assert.Equal(3, result.Good<KlCluster>().Single().ControlPlanes.Length);
        Assert.All(result.Stages, stage => Assert.Equal(0, stage.Changes));
    }

    [Fact, Order(3)]
    public void A_service_has_one_address_for_all_nodes()
    {
        var balancer = Shell.Run($"""
            $image = (Get-KlPod etcd-{Lab}-1 -Namespace kube-system -Cluster {Lab}).Object.Spec.Containers[0].Image
            $null = $manifest.Replace('IMAGE', $image) | Publish-KlManifest -Cluster {Lab}
            $null = Expose-KlService web -Cluster {Lab} -Port 80 -TargetPort 2379 -Type NodePort
            Get-KlService web -Cluster {Lab} | New-KlLoadBalancer
            """, variables: new Dictionary<string, object?> { ["manifest"] = Web }).Good<KlLoadBalancer>().Single();
        Assert.Equal(("web", 80, $"http://{balancer.Machine.Address}/"), (balancer.Name, balancer.Port, balancer.Url));
        Assert.Equal([$"{Lab}-1", $"{Lab}-2", $"{Lab}-3", $"{Lab}-4"], balancer.Servers.Select(server => server.Name));
        Assert.StartsWith("LoadBalancerPortTaken,",
            Assert.Single(Shell.Run($"New-KlLoadBalancer web -Cluster {Lab} -Port 6443").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal);
        Assert.Equal(80, Shell.Run($"Get-KlLoadBalancer web -Cluster {Lab}").Good<KlLoadBalancer>().Single().Port);
    }

    [Fact, Order(4)]
    public async Task The_cluster_and_the_service_respond_after_the_first_control_plane_is_lost()
    {
        var url = Shell.Run($"(Get-KlLoadBalancer web -Cluster {Lab}).Url").Good<string>().Single();
        var measured = Shell.Run($$"""
            Measure-KlAvailability -Url {{url}}health -NewConnection -Rate 20 -Duration 20s -During { docker kill {{Lab}}-1 }
            """).Good<KlAvailability>().Single();
        Assert.True(measured.Requests > 0 && measured.Outages.All(outage => outage.Ended is not null), $"{measured}");
        // The API server behind the load balancer, and etcd with two of three members.
        Assert.Equal("stored", Shell.Run($$"""
            $null = New-KlConfigMap written @{ text = 'stored' } -Cluster {{Lab}}
            (Get-KlResource configmap written -Cluster {{Lab}}).Object.data.text
            """).Output.Single()?.ToString());
        Assert.Equal([$"{Lab}-3", $"{Lab}-4"], (await MembersAsync($"{Lab}-3")).Except([$"{Lab}-1"]));
    }

    [Fact, Order(5)]
    public async Task The_lost_control_plane_is_replaced_by_the_same_pipeline()
    {
        Assert.Empty(Shell.Run($"Get-KlVm {Lab}-1 | Remove-KlVm -Confirm:$false").Errors.Select(error => error.ToString()));
        Assert.Equal([$"{Lab}-3", $"{Lab}-4"], await MembersAsync($"{Lab}-3"));

        var cluster = Shell.Run(Pipeline).Good<KlCluster>().Single();

        Assert.Equal([$"{Lab}-1", $"{Lab}-3", $"{Lab}-4"], cluster.ControlPlanes.Select(machine => machine.Name).Order());
        Assert.Equal(4, cluster.ReadyNodes);
        Assert.Equal([$"{Lab}-1", $"{Lab}-3", $"{Lab}-4"], await MembersAsync($"{Lab}-3"));
    }

    [Fact, Order(6)]
    public async Task A_control_plane_that_is_removed_leaves_etcd_and_the_load_balancer()
    {
        var removed = Shell.Run($"Get-KlNode {Lab}-3 -Cluster {Lab} | Remove-KlNode -PassThru -Confirm:$false").Good<Machine>().Single();

        Assert.Equal($"{Lab}-3", removed.Name);
        Assert.Equal([$"{Lab}-1", $"{Lab}-4"], await MembersAsync($"{Lab}-1"));
        Assert.Equal([$"{Lab}-1", $"{Lab}-2", $"{Lab}-4"],
            Shell.Run($"(Get-KlLoadBalancer -Cluster {Lab}).Servers").Good<KlLoadBalancerServer>().Select(server => server.Name));
        var result = Shell.Run($"Get-KlLoadBalancer web -Cluster {Lab} | Remove-KlLoadBalancer; Get-KlLoadBalancer web -Cluster {Lab}");
        Assert.StartsWith("LoadBalancerNotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact, Order(100)]
    public void Nothing_of_the_lab_remains()
    {
        Assert.Empty(Shell.Run($"Remove-KlVm {Lab}-* -Confirm:$false").Errors.Select(error => error.ToString()));
        Assert.DoesNotContain(Shell.Run("Get-KlVm").Good<Machine>(), machine => machine.Lab == Lab);
        Assert.DoesNotContain(Shell.Run($"Get-KlCluster {Lab}*").Good<KlCluster>(), one => one.Name == Lab);
    }

    private static async Task<string[]> MembersAsync(string machine) => [.. (await OfflineLab.DockerAsync("exec", machine, "bash", "-c", """
        pki=/etc/kubernetes/pki/etcd
        id=$(ctr -n k8s.io tasks ls -q | grep -xFf <(ctr -n k8s.io containers ls -q 'labels."io.kubernetes.container.name"==etcd'))
        ctr -n k8s.io tasks exec --exec-id test-$RANDOM "$id" etcdctl --endpoints https://127.0.0.1:2379 --cacert $pki/ca.crt --cert $pki/server.crt \
          --key $pki/server.key member list
        """)).Select(line => line.Split(", ")[2]).Order()];
}
