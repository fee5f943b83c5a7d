namespace KubeLab;

/// <summary>Whether a certificate can be used.</summary>
public enum KlCertificateStatus
{
    /// <summary>The certificate is valid for at least 30 days.</summary>
    Valid,

    /// <summary>The certificate expires within 30 days.</summary>
    Expiring,

    /// <summary>The certificate has expired.</summary>
    Expired,

    /// <summary>The certificate is not valid yet. The clock of the machine that issued it was ahead.</summary>
    NotYetValid,

    /// <summary>The file contains no certificate that can be read.</summary>
    Unreadable,
}

/// <summary>A certificate of a node.</summary>
public sealed record KlCertificate
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The KubeLab cluster of the node, or null.</summary>
    public string? Cluster { get; init; }

    /// <summary>The name: for a certificate of kubeadm, the name that 'kubeadm certs check-expiration' shows, such as apiserver or admin.conf.</summary>
    public required string Name { get; init; }

    /// <summary>The file on the node.</summary>
    public required string File { get; init; }

    /// <summary>The subject, or null if the certificate is unreadable.</summary>
    public string? Subject { get; init; }

    /// <summary>The issuer.</summary>
    public string? Issuer { get; init; }

    /// <summary>The common name of the issuer, such as kubernetes or etcd-ca.</summary>
    public string? Authority { get; init; }

    /// <summary>Whether the certificate can issue others.</summary>
    public bool IsAuthority { get; init; }

    /// <summary>The serial number.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>The beginning of its validity, UTC.</summary>
    public DateTime? NotBefore { get; init; }

    /// <summary>The end of its validity, UTC.</summary>
    public DateTime? NotAfter { get; init; }

    /// <summary>The days until it expires, rounded down. Negative after it has expired.</summary>
    public int? DaysLeft { get; init; }

    /// <summary>Whether it can be used.</summary>
    public required KlCertificateStatus Status { get; init; }

    /// <summary>Why it is unreadable, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>The node and the name.</summary>
    public override string ToString() => $"{Node} {Name}";
}
