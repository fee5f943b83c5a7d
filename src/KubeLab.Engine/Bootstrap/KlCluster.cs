namespace KubeLab;

/// <summary>A Kubernetes cluster made of machines.</summary>
public sealed record KlCluster
{
    /// <summary>Its name; also the lab of its machines.</summary>
    public required string Name { get; init; }

    /// <summary>Its context in the user's kubeconfig: kubelab-NAME.</summary>
    public required string Context { get; init; }

    /// <summary>The API server as you reach it.</summary>
    public required Uri Server { get; init; }

    /// <summary>The machine whose API server that is.</summary>
    public required Machine ControlPlane { get; init; }

    /// <summary>All machines of the lab, the control plane's first; not all of them need to be nodes yet.</summary>
    public required Machine[] Machines { get; init; }

    /// <summary>The Kubernetes version, as in 1.37.1.</summary>
    public string? Version { get; init; }

    /// <summary>Nodes that are Ready, where it was asked.</summary>
    public int? ReadyNodes { get; init; }

    /// <summary>What is down in it, where it was asked: nodes that are not Ready, services that do not run, and objects of kubeadm's that were deleted.</summary>
    public string[] Problems { get; init; } = [];

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
