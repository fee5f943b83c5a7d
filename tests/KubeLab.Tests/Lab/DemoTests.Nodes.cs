namespace KubeLab.Tests.Lab;

/// <summary>What is read and changed on the machines of nodes, over SSH.</summary>
public sealed partial class DemoTests
{
    [Fact, Order(80)]
    public void The_certificates_of_a_control_plane_are_renewed_and_used()
    {
        string[] names =
        [
            "admin.conf", "apiserver", "apiserver-etcd-client", "apiserver-kubelet-client", "controller-manager.conf", "etcd/healthcheck-client", "etcd/peer",
            "etcd/server", "front-proxy-client", "scheduler.conf",
        ];
        var before = Invoke("Get-KlCluster kubernetes | Get-KlCertificate").As<KlCertificate>().ToList();
        Assert.DoesNotContain(before, one => one.Status == KlCertificateStatus.Unreadable);
        Assert.Equal(4, before.Count(one => one.Name == "kubelet-client-current"));
        Assert.Contains(before, one => one is { Node: "kubernetes-1", Name: "registry" });

        var renewed = Invoke("Get-KlCluster kubernetes | Update-KlCertificate").As<KlCertificate>().ToList();

        Assert.Equal(names, renewed.Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.All(renewed, one => Assert.NotEqual(
            before.Single(old => old.Node == one.Node && old.File == one.File).SerialNumber, one.SerialNumber));
        // The kubeconfig has the renewed user, and all nodes still work.
        Assert.Equal(4, Invoke("Get-KlNode").As<KlNode>().Count(node => node.Status == "Ready"));
        Invoke("Get-KlPod | Wait-KlResource -Condition Ready");
    }

    [Fact, Order(81)]
    public void Logs_and_containers_of_a_control_plane_are_read_from_its_machine()
    {
        var containers = Invoke("Get-KlVm kubernetes-1 | Get-KlContainer").As<KlContainer>().ToList();
        Assert.All(["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"], name =>
            Assert.Single(containers, one => one is { Namespace: "kube-system", State: "Running", Age: not null } && one.Name == name));

        var lines = Invoke("Get-KlVm kubernetes-1 | Get-KlNodeLog -Source kubelet, kube-apiserver, etcd -Tail 5").As<KlNodeLogLine>().ToList();

        Assert.Equal(["kube-system/etcd-kubernetes-1/etcd", "kube-system/kube-apiserver-kubernetes-1/kube-apiserver", "kubelet"],
            lines.Select(line => line.Source).Distinct().Order(StringComparer.Ordinal));
        Assert.All(lines, line => Assert.NotNull(line.Time));
        Assert.Empty(Invoke("Get-KlNodeLog kubernetes-2 kubelet -Since 0 -Tail 0").Output);
        Assert.Equal("NodeLogNotFound", Refused("Get-KlNodeLog kubernetes-2 no-such-container", "No container that matches 'no-such-container'"));
    }
}
