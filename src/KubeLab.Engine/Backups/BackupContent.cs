using System.Net;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Backups;

/// <summary>What a backup contains: the first file of its archive, backup.json.</summary>
internal sealed partial record BackupContent
{
    /// <summary>The current <see cref="Format"/>.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The name of this file in the archive.</summary>
    public const string FileName = "backup.json";

    /// <summary>The last file of the archive: the hash of this file, which contains those of all others.</summary>
    public const string HashFileName = FileName + ".sha256";

    /// <summary>The name of the snapshot of etcd in the archive.</summary>
    public const string Snapshot = "etcd.db";

    /// <summary>The certificate authorities and the keys of service accounts, relative to /etc/kubernetes: what a control plane downloads when it joins
    /// (kubernetes.io/docs/setup/best-practices/certificates). kubeadm creates all other certificates from them.</summary>
    public static readonly IReadOnlyList<string> Authorities =
    [
        "pki/ca.crt", "pki/ca.key", "pki/sa.pub", "pki/sa.key", "pki/front-proxy-ca.crt", "pki/front-proxy-ca.key", "pki/etcd/ca.crt", "pki/etcd/ca.key",
    ];

    /// <summary>The version of the format.</summary>
    public required int Format { get; init; }

    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The Kubernetes version, such as 1.37.1.</summary>
    public required string Version { get; init; }

    /// <summary>When the snapshot was saved.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The endpoint of the control planes (HOST:PORT), or null for clusters of earlier versions of KubeLab.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The pod network.</summary>
    public required string PodNetwork { get; init; }

    /// <summary>The pod subnet.</summary>
    public required string PodSubnet { get; init; }

    /// <summary>The service subnet.</summary>
    public required string ServiceSubnet { get; init; }

    /// <summary>The volumes whose data is included.</summary>
    public required BackupVolume[] Volumes { get; init; }

    /// <summary>The volumes whose data is not included: NAMESPACE/CLAIM.</summary>
    public required string[] VolumesNotIncluded { get; init; }

    /// <summary>The other files of the archive, in order.</summary>
    public required BackupFile[] Files { get; init; }

    /// <summary>Whether the file can be trusted to name only what belongs to a backup.</summary>
    public bool IsValid => Format == CurrentFormat && Dns().IsMatch(Cluster) && VersionText().IsMatch(Version)
        && IPNetwork.TryParse(PodSubnet, out _) && IPNetwork.TryParse(ServiceSubnet, out _)
        && !PodNetwork.Any(char.IsControl) && Endpoint?.Any(char.IsControl) != true
        && Volumes.All(one => Dns().IsMatch(one.Namespace) && Dns().IsMatch(one.Claim) && Dns().IsMatch(one.Node))
        && Files.Select(file => file.Name).SequenceEqual([.. Authorities, Snapshot, .. Volumes.Select(one => one.FileName)]);

    // RFC 1123 subdomains: names of clusters, namespaces, claims and nodes.
    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\z")]
    private static partial Regex Dns();

    [GeneratedRegex(@"^1\.[0-9]{1,3}\.[0-9]{1,3}\z")]
    private static partial Regex VersionText();
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">The name in the archive.</param>
/// <param name="Size">The size in bytes.</param>
/// <param name="Sha256">The hash, in hexadecimal digits.</param>
internal sealed record BackupFile(string Name, long Size, string Sha256);

/// <summary>A volume in a folder of a node.</summary>
/// <param name="Namespace">The namespace of the claim.</param>
/// <param name="Claim">The PersistentVolumeClaim.</param>
/// <param name="Node">The node with the folder.</param>
internal sealed record BackupVolume(string Namespace, string Claim, string Node)
{
    /// <summary>The name of its tar archive in the backup.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string FileName => $"volumes/{Namespace}/{Claim}.tar";

    /// <summary>NAMESPACE/CLAIM.</summary>
    public override string ToString() => $"{Namespace}/{Claim}";
}
