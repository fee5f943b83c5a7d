using System.Net;

namespace KubeLab;

/// <summary>A private image registry that every node of a cluster trusts.</summary>
public sealed record KlRegistry
{
    /// <summary>The cluster.</summary>
    public required KlCluster Cluster { get; init; }

    /// <summary>The host:port for nodes and image references.</summary>
    public required string Address { get; init; }

    /// <summary>The CA certificate of the registry in PEM format.</summary>
    public required string CaCertificate { get; init; }

    /// <summary>The user name for pull and push. The password is only in the Secret kube-system/kubelab-registry of the cluster.</summary>
    public string UserName => Credential.UserName;

    // Internal, because a shell shows public properties in its output and logs.
    internal NetworkCredential Credential { get; init; } = new();

    /// <summary>The address.</summary>
    public override string ToString() => Address;
}
