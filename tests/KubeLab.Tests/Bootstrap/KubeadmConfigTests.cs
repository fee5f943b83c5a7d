using System.Net;
using KubeLab.Engine.Bootstrap;

namespace KubeLab.Tests.Bootstrap;

public sealed class KubeadmConfigTests
{
    private static readonly ClusterPlan Plan = new("k", "1.20.2", IPNetwork.Parse("10.244.0.0/16"), IPNetwork.Parse("10.96.0.0/16"))
    {
        Token = "abcdef.0123456789abcdef",
        ImageRepository = "10.77.0.2:5000",
        IsCgroup1 = true,
    };

    [Theory]
    [InlineData("1.20.2", "v1beta2")]
    [InlineData("1.21.14", "v1beta2")]
    [InlineData("1.22.0", "v1beta3")]
    [InlineData("1.30.9", "v1beta3")]
    [InlineData("1.31.0", "v1beta4")]
    [InlineData("1.37.1", "v1beta4")]
    public void The_configuration_has_an_api_version_that_kubeadm_supports(string kubeadm, string version) =>
        Assert.Equal("kubeadm.k8s.io/" + version, KubeadmConfig.ApiVersion(kubeadm));

    [Theory]
    [InlineData("1.20.2", "kubelet-config-1.20")]
    [InlineData("1.23.17", "kubelet-config-1.23")]
    [InlineData("1.24.0", "kubelet-config")]
    [InlineData("1.37.1", "kubelet-config")]
    public void The_kubelet_configmap_has_the_name_that_kubeadm_uses(string kubeadm, string name) =>
        Assert.Equal(name, KubeadmConfig.KubeletConfigMap(kubeadm));

    [Fact]
    public void The_configuration_of_a_container_with_kubernetes_1_20() => AssertSame(
        """
        apiVersion: kubeadm.k8s.io/v1beta2
        kind: InitConfiguration
        bootstrapTokens:
        - token: abcdef.0123456789abcdef
          ttl: 15m0s
        localAPIEndpoint:
          advertiseAddress: 10.77.1.1
          bindPort: 6443
        nodeRegistration:
          name: k-1
          criSocket: unix:///run/containerd/containerd.sock
          kubeletExtraArgs:
            node-ip: 10.77.1.1
          ignorePreflightErrors:
          - SystemVerification
          - Swap
          - FileContent--proc-sys-net-bridge-bridge-nf-call-iptables
        ---
        apiVersion: kubeadm.k8s.io/v1beta2
        kind: ClusterConfiguration
        clusterName: k
        kubernetesVersion: v1.20.2
        apiServer:
          certSANs:
          - 10.77.1.1
          - k-1
          - 127.0.0.1
          - localhost
        networking:
          podSubnet: 10.244.0.0/16
          serviceSubnet: 10.96.0.0/16
        imageRepository: 10.77.0.2:5000
        ---
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        cgroupDriver: systemd
        resolvConf: /etc/kubelab/resolv.conf
        imageGCHighThresholdPercent: 100
        evictionHard:
          nodefs.available: 0%
          nodefs.inodesFree: 0%
          imagefs.available: 0%
        ---
        apiVersion: kubeproxy.config.k8s.io/v1alpha1
        kind: KubeProxyConfiguration
        conntrack:
          maxPerCore: 0
          min: 0
        """, KubeadmConfig.Init(Plan, FakeCluster.Machine("k-1", 1)));

    [Fact]
    public void The_configuration_of_a_machine_with_kubernetes_1_37() => AssertSame(
        """
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: InitConfiguration
        bootstrapTokens:
        - token: abcdef.0123456789abcdef
          ttl: 15m0s
        localAPIEndpoint:
          advertiseAddress: 10.77.1.1
          bindPort: 6443
        nodeRegistration:
          name: k-1
          criSocket: unix:///run/containerd/containerd.sock
          kubeletExtraArgs:
          - name: node-ip
            value: 10.77.1.1
          taints: []
        ---
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        clusterName: k
        kubernetesVersion: v1.37.1
        apiServer:
          certSANs:
          - 10.77.1.1
          - k-1
          - 127.0.0.1
          - localhost
          - api.example
        networking:
          podSubnet: 10.244.0.0/16
          serviceSubnet: 10.96.0.0/16
        ---
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        cgroupDriver: systemd
        resolvConf: /etc/kubelab/resolv.conf
        failCgroupV1: false
        ---
        apiVersion: kubeproxy.config.k8s.io/v1alpha1
        kind: KubeProxyConfiguration
        """, KubeadmConfig.Init(
            Plan with { Version = "1.37.1", ImageRepository = null, HasNoWorkers = true },
            FakeCluster.Machine("k-1", 1) with { IsContainer = false, ApiEndpoint = "api.example:16443" }));

    [Fact]
    public void A_join_verifies_the_ca() => AssertSame(
        """
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: JoinConfiguration
        discovery:
          bootstrapToken:
            apiServerEndpoint: 10.77.1.1:6443
            token: abcdef.0123456789abcdef
            caCertHashes:
            - sha256:00
        nodeRegistration:
          name: k-2
          criSocket: unix:///run/containerd/containerd.sock
          kubeletExtraArgs:
          - name: node-ip
            value: 10.77.1.2
        """, KubeadmConfig.Join(
            "1.36.2", FakeCluster.Machine("k-2", 2) with { IsContainer = false }, new("10.77.1.1:6443", "abcdef.0123456789abcdef", "sha256:00")));

    [Fact]
    public void The_text_of_a_join_secret_does_not_contain_the_token() =>
        Assert.Equal("10.77.1.1:6443", $"{new JoinSecret("10.77.1.1:6443", JoinSecret.NewToken(), "sha256:00")}");

    [Fact]
    public void The_service_subnet_does_not_overlap_pods_and_machines() =>
        Assert.Equal(IPNetwork.Parse("10.98.0.0/16"), Subnets.Services([IPNetwork.Parse("10.96.0.0/15"), IPNetwork.Parse("10.244.0.0/16")]));

    private static void AssertSame(string expected, string actual) => Assert.Equal(expected, actual.TrimEnd());
}
