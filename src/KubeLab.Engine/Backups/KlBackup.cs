namespace KubeLab;

/// <summary>A backup of a cluster.</summary>
public sealed record KlBackup
{
    /// <summary>The full path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>The Kubernetes version of the cluster, such as 1.37.1.</summary>
    public required string Version { get; init; }

    /// <summary>When the snapshot of etcd was saved, in UTC.</summary>
    public required DateTime Created { get; init; }

    /// <summary>The size of the file in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Whether the file is encrypted with a password.</summary>
    public required bool IsEncrypted { get; init; }

    /// <summary>The volumes whose data is included: NAMESPACE/CLAIM.</summary>
    public required KlCollection<string> Volumes { get; init; }

    /// <summary>The volumes whose data is not included: NAMESPACE/CLAIM.</summary>
    public required KlCollection<string> VolumesNotIncluded { get; init; }

    /// <summary>The path.</summary>
    public override string ToString() => Path;
}
