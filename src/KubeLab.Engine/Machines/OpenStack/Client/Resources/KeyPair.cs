namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A public key of the user, known by its name.</summary>
public sealed record KeyPair : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("compute", "os-keypairs", "keypair", "keypairs");

    /// <inheritdoc/>
    public string Id => Name;

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>As in authorized_keys.</summary>
    public string? PublicKey { get; init; }

    /// <summary>The key's fingerprint.</summary>
    public string? Fingerprint { get; init; }
}
