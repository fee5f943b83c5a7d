namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A key pair of the user, identified by its name.</summary>
public sealed record KeyPair : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("compute", "os-keypairs", "keypair", "keypairs");

    /// <inheritdoc/>
    public string Id => Name;

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The public key, as in authorized_keys.</summary>
    public string? PublicKey { get; init; }

    /// <summary>The key's fingerprint.</summary>
    public string? Fingerprint { get; init; }
}
