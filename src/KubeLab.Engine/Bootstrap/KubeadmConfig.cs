using System.Net;
using YamlDotNet.Serialization;

namespace KubeLab.Engine.Bootstrap;

/// <summary>What a cluster is made with, beyond its control plane machine.</summary>
/// <param name="Name">The cluster's name.</param>
/// <param name="Version">kubeadm's version on the machine, as in 1.37.1.</param>
/// <param name="PodSubnet">The pods' addresses.</param>
/// <param name="ServiceSubnet">The services' addresses.</param>
internal sealed record ClusterPlan(string Name, string Version, IPNetwork PodSubnet, IPNetwork ServiceSubnet)
{
    /// <summary>A bootstrap token; secret.</summary>
    public required string Token { get; init; }

    /// <summary>Instead of registry.k8s.io.</summary>
    public string? ImageRepository { get; init; }

    /// <summary>The control plane runs workloads too: the cluster has no other node.</summary>
    public bool IsAlone { get; init; }

    /// <summary>The machine has cgroup v1.</summary>
    public bool IsCgroup1 { get; init; }

    /// <summary>The machine has swap that cannot be switched off.</summary>
    public bool HasSwap { get; init; }
}

/// <summary>kubeadm's configuration, in the API version that the node's kubeadm speaks.</summary>
/// <remarks>kubernetes.io/docs/reference/config-api: kubeadm-config.v1beta2 (to 1.21), v1beta3 (1.22 to 1.36), v1beta4 (from 1.31).</remarks>
internal static class KubeadmConfig
{
    private const string Socket = "unix:///run/containerd/containerd.sock";

    // Looks at the kernel's configuration, memory swap and bridge settings that belong to the container's host.
    private static readonly string[] PassedOverInContainers = ["SystemVerification", "Swap", "FileContent--proc-sys-net-bridge-bridge-nf-call-iptables"];

    /// <summary>The newest API version that kubeadm <paramref name="version"/> is sure to read.</summary>
    public static string ApiVersion(string version) => "kubeadm.k8s.io/" + Minor(version) switch { <= 21 => "v1beta2", <= 30 => "v1beta3", _ => "v1beta4" };

    /// <summary>The ConfigMap of kube-system that kubeadm <paramref name="version"/> keeps the kubelets' configuration in; up to 1.23 it carries the version.</summary>
    public static string KubeletConfigMap(string version) => Minor(version) <= 23 ? $"kubelet-config-1.{Minor(version)}" : "kubelet-config";

    /// <summary>The configuration of kubeadm init.</summary>
    public static string Init(ClusterPlan plan, Machine machine)
    {
        var node = Registration(plan.Version, machine);
        if (plan.IsAlone)
            node["taints"] = Array.Empty<object>();
        return Documents(
            new()
            {
                ["apiVersion"] = ApiVersion(plan.Version),
                ["kind"] = "InitConfiguration",
                // kubeadm would otherwise leave a token of its own that is good for a day.
                ["bootstrapTokens"] = new[] { new Dictionary<string, object> { ["token"] = plan.Token, ["ttl"] = "15m0s" } },
                ["localAPIEndpoint"] = new Dictionary<string, object> { ["advertiseAddress"] = $"{machine.Address}", ["bindPort"] = 6443 },
                ["nodeRegistration"] = node,
            },
            Cluster(plan, machine),
            Kubelet(plan, machine),
            Proxy(machine));
    }

    /// <summary>The configuration of kubeadm join.</summary>
    public static string Join(string version, Machine machine, JoinSecret secret) => Documents(new Dictionary<string, object>
    {
        ["apiVersion"] = ApiVersion(version),
        ["kind"] = "JoinConfiguration",
        ["discovery"] = new Dictionary<string, object>
        {
            ["bootstrapToken"] = new Dictionary<string, object>
            {
                ["apiServerEndpoint"] = secret.Server,
                ["token"] = secret.Token,
                ["caCertHashes"] = new[] { secret.CaHash },
            },
        },
        ["nodeRegistration"] = Registration(version, machine),
    });

    private static Dictionary<string, object> Registration(string version, Machine machine)
    {
        var node = new Dictionary<string, object>
        {
            ["name"] = machine.Name,
            ["criSocket"] = Socket,
            // From v1beta4 on, extra arguments are a list, for an argument may be given twice.
            ["kubeletExtraArgs"] = Minor(version) >= 31
                ? new[] { new Dictionary<string, object> { ["name"] = "node-ip", ["value"] = $"{machine.Address}" } }
                : new Dictionary<string, object> { ["node-ip"] = $"{machine.Address}" },
        };
        if (machine.IsContainer)
            node["ignorePreflightErrors"] = PassedOverInContainers;
        return node;
    }

    private static Dictionary<string, object> Cluster(ClusterPlan plan, Machine machine)
    {
        var names = new[] { $"{machine.Address}", machine.Name, "127.0.0.1", "localhost", ApiHost(machine) };
        var cluster = new Dictionary<string, object>
        {
            ["apiVersion"] = ApiVersion(plan.Version),
            ["kind"] = "ClusterConfiguration",
            ["clusterName"] = plan.Name,
            ["kubernetesVersion"] = "v" + plan.Version,
            ["apiServer"] = new Dictionary<string, object> { ["certSANs"] = names.Distinct().ToArray() },
            ["networking"] = new Dictionary<string, object> { ["podSubnet"] = $"{plan.PodSubnet}", ["serviceSubnet"] = $"{plan.ServiceSubnet}" },
        };
        if (plan.ImageRepository is not null)
            cluster["imageRepository"] = plan.ImageRepository;
        return cluster;
    }

    private static Dictionary<string, object> Kubelet(ClusterPlan plan, Machine machine)
    {
        var kubelet = new Dictionary<string, object>
        {
            ["apiVersion"] = "kubelet.config.k8s.io/v1beta1",
            ["kind"] = "KubeletConfiguration",
            ["cgroupDriver"] = "systemd",
            ["resolvConf"] = "/etc/kubelab/resolv.conf",
        };
        if (plan.HasSwap)
            kubelet["failSwapOn"] = false;
        // Kubelets refuse cgroup v1 from 1.35 on; the field is there from 1.31 on.
        if (plan.IsCgroup1 && Minor(plan.Version) >= 31)
            kubelet["failCgroupV1"] = false;
        if (machine.IsContainer)
        {
            // The disk is the host's: how full it is says nothing about this node.
            kubelet["imageGCHighThresholdPercent"] = 100;
            kubelet["evictionHard"] = new Dictionary<string, object> { ["nodefs.available"] = "0%", ["nodefs.inodesFree"] = "0%", ["imagefs.available"] = "0%" };
        }
        return kubelet;
    }

    private static Dictionary<string, object> Proxy(Machine machine)
    {
        var proxy = new Dictionary<string, object> { ["apiVersion"] = "kubeproxy.config.k8s.io/v1alpha1", ["kind"] = "KubeProxyConfiguration" };
        // kube-proxy cannot size conntrack inside a container.
        if (machine.IsContainer)
            proxy["conntrack"] = new Dictionary<string, object> { ["maxPerCore"] = 0, ["min"] = 0 };
        return proxy;
    }

    private static string ApiHost(Machine machine) => machine.ApiEndpoint[..machine.ApiEndpoint.LastIndexOf(':')].Trim('[', ']');

    private static int Minor(string version) => int.Parse(version.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static string Documents(params IEnumerable<Dictionary<string, object>> documents)
    {
        var yaml = new SerializerBuilder().WithQuotingNecessaryStrings().DisableAliases().Build();
        return string.Join("---\n", documents.Select(yaml.Serialize));
    }
}
