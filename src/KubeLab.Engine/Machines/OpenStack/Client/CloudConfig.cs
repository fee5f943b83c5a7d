using System.Net;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>One cloud as clouds.yaml or the OS_* variables describe it.</summary>
/// <remarks>openstacksdk, "Configuring OpenStack SDK Applications"; keystoneauth, "Authentication Plugins".</remarks>
public sealed record CloudConfig
{
    /// <summary>Its name in clouds.yaml; envvars for the OS_* variables.</summary>
    public required string Name { get; init; }

    /// <summary>The file it stands in, or "the environment".</summary>
    public required string Source { get; init; }

    /// <summary>Keystone's address.</summary>
    public required Uri AuthUrl { get; init; }

    /// <summary>What Keystone is shown.</summary>
    public required CloudLogin Login { get; init; }

    /// <summary>The project to work in; null: the application credential's, or the user's own.</summary>
    public CloudIdentity? Project { get; init; }

    /// <summary>The region; null: the first that the catalog has.</summary>
    public string? Region { get; init; }

    /// <summary>Which endpoints of the catalog: public, internal or admin.</summary>
    public string Interface { get; init; } = "public";

    /// <summary>False where no certificate is checked.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>The file of the certificates that are trusted, in place of the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The file of the client certificate.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The file of its key; null: it is in the same file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Addresses in place of the catalog's, by service type, as in network_endpoint_override.</summary>
    public IReadOnlyDictionary<string, Uri> Endpoints { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Regions in place of <see cref="Region"/>, by service type, as in network_region_name.</summary>
    public IReadOnlyDictionary<string, string> Regions { get; init; } = new Dictionary<string, string>();

    /// <summary>Interfaces in place of <see cref="Interface"/>, by service type, as in network_interface.</summary>
    public IReadOnlyDictionary<string, string> Interfaces { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads a cloud.</summary>
    /// <param name="name">Its name; null: OS_CLOUD, the OS_* variables, or the only one there is.</param>
    /// <exception cref="KlException">CloudNotConfigured, CloudUnknown, CloudInvalid, RegionUnknown, CloudScopeUnsupported, CloudLoginUnsupported.</exception>
    public static CloudConfig Load(string? name) => CloudFiles.Here().Load(name);

    /// <summary>The same cloud for another login; the domain is kept where the credential names none.</summary>
    public CloudConfig With(NetworkCredential credential)
    {
        var before = (Login as PasswordLogin)?.User;
        var user = credential.Domain.Length > 0 ? new(null, credential.UserName, null, credential.Domain)
            : credential.UserName == before?.Name ? before
            : new CloudIdentity(null, credential.UserName, before?.DomainId, before?.DomainName);
        return this with { Login = new PasswordLogin(user, credential) };
    }
}
