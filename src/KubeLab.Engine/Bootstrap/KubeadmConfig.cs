using System.Net;
using YamlDotNet.Serialization;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The settings of a new cluster, except its control plane machine.</summary>
/// <param name="Name">The cluster's name.</param>
/// <param name="Version">The kubeadm version on the machine, such as 1.37.1.</param>
/// <param name="PodSubnet">The pod subnet.</param>
/// <param name="ServiceSubnet">The service subnet.</param>
internal sealed record ClusterPlan(string Name, string Version, IPNetwork PodSubnet, IPNetwork ServiceSubnet)
{
    /// <summary>The bootstrap token, which is secret.</summary>
    public required string Token { get; init; }

    /// <summary>The image repository. Default: registry.k8s.io.</summary>
    public string? ImageRepository { get; init; }

    /// <summary>The endpoint of the control planes, or null for clusters of earlier versions, which have none.</summary>
    public ClusterEndpoint? Endpoint { get; init; }

    /// <summary>The key that encrypts the certificates that other control planes download, which is secret.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>The cluster has no workers, so the control planes also run workloads.</summary>
    public bool HasNoWorkers { get; init; }

    /// <summary>etcd starts with existing data.</summary>
    public bool HasEtcdData { get; init; }

    /// <summary>The machine uses cgroup v1.</summary>
    public bool IsCgroup1 { get; init; }

    /// <summary>The machine has swap that cannot be turned off.</summary>
    public bool HasSwap { get; init; }
}

/// <summary>The configuration of kubeadm, in the API version that the installed kubeadm supports.</summary>
/// <remarks>kubernetes.io/docs/reference/config-api: kubeadm-config.v1beta2 (to 1.21), v1beta3 (1.22 to 1.36), v1beta4 (from 1.31).</remarks>
internal static class KubeadmConfig
{
    private const string Socket = "unix:///run/containerd/containerd.sock";

    // Preflight checks of settings that belong to the container's host.
    private static readonly string[] SkippedInContainers = ["SystemVerification", "Swap", "FileContent--proc-sys-net-bridge-bridge-nf-call-iptables"];

    // Preflight check of the data folder of etcd.
    private const string EtcdDataCheck = "DirAvailable--var-lib-etcd";

    /// <summary>The newest API version that kubeadm <paramref name="version"/> supports.</summary>
    public static string ApiVersion(string version) => "kubeadm.k8s.io/" + Minor(version) switch { <= 21 => "v1beta2", <= 30 => "v1beta3", _ => "v1beta4" };

    /// <summary>The ConfigMap with the kubelet configuration of kubeadm <paramref name="version"/>. Up to 1.23 its name contains the version.</summary>
    public static string KubeletConfigMap(string version) => Minor(version) <= 23 ? $"kubelet-config-1.{Minor(version)}" : "kubelet-config";

    /// <summary>The configuration of kubeadm init.</summary>
    public static string Init(ClusterPlan plan, Machine machine)
    {
        var init = new Dictionary<string, object>
        {
            ["apiVersion"] = ApiVersion(plan.Version),
            ["kind"] = "InitConfiguration",
            // Without this, kubeadm creates a token that is valid for 24 hours.
            ["bootstrapTokens"] = new[] { new Dictionary<string, object> { ["token"] = plan.Token, ["ttl"] = "15m0s" } },
            ["localAPIEndpoint"] = LocalEndpoint(machine),
            ["nodeRegistration"] = Registration(plan.Version, machine, plan.HasNoWorkers, plan.HasEtcdData ? [EtcdDataCheck] : []),
        };
        if (plan.CertificateKey is not null)
            init["certificateKey"] = plan.CertificateKey;
        return Documents(init, Cluster(plan, machine), Kubelet(plan, machine), Proxy(machine));
    }

    /// <summary>The configuration of kubeadm join. With a certificate key in the secret, the machine becomes a control plane.</summary>
    public static string Join(string version, Machine machine, JoinSecret secret, bool hasNoWorkers = false)
    {
        var join = new Dictionary<string, object>
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
            ["nodeRegistration"] = Registration(version, machine, hasNoWorkers),
        };
        if (secret.CertificateKey is not null)
            join["controlPlane"] = new Dictionary<string, object>
            {
                ["localAPIEndpoint"] = LocalEndpoint(machine), ["certificateKey"] = secret.CertificateKey,
            };
        return Documents(join);
    }

    private static Dictionary<string, object> LocalEndpoint(Machine machine) =>
        new() { ["advertiseAddress"] = $"{machine.Address}", ["bindPort"] = 6443 };

    private static Dictionary<string, object> Registration(string version, Machine machine, bool hasNoTaints, params string[] skippedChecks)
    {
        var node = new Dictionary<string, object>
        {
            ["name"] = machine.Name,
            ["criSocket"] = Socket,
            // Since v1beta4, extra arguments are a list.
            ["kubeletExtraArgs"] = Minor(version) >= 31
                ? new[] { new Dictionary<string, object> { ["name"] = "node-ip", ["value"] = $"{machine.Address}" } }
                : new Dictionary<string, object> { ["node-ip"] = $"{machine.Address}" },
        };
        var skipped = machine.IsContainer ? [.. SkippedInContainers, .. skippedChecks] : skippedChecks;
        if (skipped.Length > 0)
            node["ignorePreflightErrors"] = skipped;
        if (hasNoTaints)
            node["taints"] = Array.Empty<object>();
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
        if (plan.Endpoint is not null)
            cluster["controlPlaneEndpoint"] = $"{plan.Endpoint}";
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
        // Kubelets reject cgroup v1 since 1.35. The field exists since 1.31.
        if (plan.IsCgroup1 && Minor(plan.Version) >= 31)
            kubelet["failCgroupV1"] = false;
        if (machine.IsContainer)
        {
            // The disk belongs to the host, so its usage must not evict pods.
            kubelet["imageGCHighThresholdPercent"] = 100;
            kubelet["evictionHard"] = new Dictionary<string, object>
            {
                ["nodefs.available"] = "0%", ["nodefs.inodesFree"] = "0%", ["imagefs.available"] = "0%",
            };
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
