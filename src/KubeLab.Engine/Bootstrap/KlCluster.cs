namespace KubeLab;

/// <summary>A Kubernetes cluster that KubeLab created.</summary>
public sealed record KlCluster
{
    /// <summary>The name of the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>The context in the user's kubeconfig: kubelab-NAME.</summary>
    public required string Context { get; init; }

    /// <summary>The URL of the API server from this computer.</summary>
    public required string Server { get; init; }

    /// <summary>The control plane machine on which KubeLab runs commands. The registry runs there.</summary>
    public required Machine ControlPlane { get; init; }

    /// <summary>All control plane machines.</summary>
    public KlCollection<Machine> ControlPlanes { get => field ?? [ControlPlane]; init; }

    /// <summary>The machine that distributes requests among the control planes, or null if the cluster has none that KubeLab created.</summary>
    public Machine? LoadBalancer { get; init; }

    /// <summary>The machines of the lab except its load balancer, control plane first. They may include machines that are not nodes yet.</summary>
    public required KlCollection<Machine> Machines { get; init; }

    /// <summary>The Kubernetes version, such as 1.37.1.</summary>
    public string? Version { get; init; }

    /// <summary>The number of Ready nodes, if known.</summary>
    public int? ReadyNodes { get; init; }

    /// <summary>The problems found: nodes that are not Ready, services that are not running, objects of kubeadm that are missing and certificates that expire
    /// soon.</summary>
    public KlCollection<string> Problems { get; init; } = [];

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
