using System.Net;

namespace KubeLab;

/// <summary>A private image registry that every node of its cluster trusts.</summary>
public sealed record KlRegistry
{
    /// <summary>The cluster it serves.</summary>
    public required KlCluster Cluster { get; init; }

    /// <summary>host:port, as the nodes and image references name it.</summary>
    public required string Address { get; init; }

    /// <summary>The CA its certificate was made with, PEM.</summary>
    public required string CaCertificate { get; init; }

    /// <summary>Who may pull and push. The password is in the cluster's Secret kube-system/kubelab-registry alone.</summary>
    public string UserName => Credential.UserName;

    // A shell writes whatever is public to files and logs.
    internal NetworkCredential Credential { get; init; } = new();

    /// <summary>The address.</summary>
    public override string ToString() => Address;
}
