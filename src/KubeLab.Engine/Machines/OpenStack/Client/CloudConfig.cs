using System.Net;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>The configuration of one cloud, from clouds.yaml or the OS_* variables.</summary>
/// <remarks>openstacksdk, "Configuring OpenStack SDK Applications"; keystoneauth, "Authentication Plugins".</remarks>
public sealed record CloudConfig
{
    /// <summary>The name in clouds.yaml, or envvars for the OS_* variables.</summary>
    public required string Name { get; init; }

    /// <summary>The configuration file, or "the environment".</summary>
    public required string Source { get; init; }

    /// <summary>The URL of Keystone.</summary>
    public required Uri AuthUrl { get; init; }

    /// <summary>The credentials for Keystone.</summary>
    public required CloudLogin Login { get; init; }

    /// <summary>The project. Null: that of the application credential, or the user's default project.</summary>
    public CloudIdentity? Project { get; init; }

    /// <summary>The region. Null: the first one in the catalog.</summary>
    public string? Region { get; init; }

    /// <summary>The endpoints to use: public, internal or admin.</summary>
    public string Interface { get; init; } = "public";

    /// <summary>Whether certificates are verified.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>The file of trusted certificates. Null: those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>The client certificate file.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The client key file. Null: the key is in the certificate file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>URLs by service type that override the catalog, as in network_endpoint_override.</summary>
    public IReadOnlyDictionary<string, Uri> Endpoints { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Regions by service type that override <see cref="Region"/>, as in network_region_name.</summary>
    public IReadOnlyDictionary<string, string> Regions { get; init; } = new Dictionary<string, string>();

    /// <summary>Interfaces by service type that override <see cref="Interface"/>, as in network_interface.</summary>
    public IReadOnlyDictionary<string, string> Interfaces { get; init; } = new Dictionary<string, string>();

    /// <summary>Loads a cloud.</summary>
    /// <param name="name">The cloud's name. Null: OS_CLOUD, the OS_* variables, or the only configured cloud.</param>
    /// <exception cref="KlException">CloudNotConfigured, CloudInvalid, RegionNotFound, CloudScopeUnsupported, CloudLoginUnsupported.</exception>
    public static CloudConfig Load(string? name) => CloudFiles.Here().Load(name);

    /// <summary>The same cloud with other credentials. If they have no domain, the configured domain is kept.</summary>
    public CloudConfig With(NetworkCredential credential)
    {
        var before = (Login as PasswordLogin)?.User;
        var user = credential.Domain.Length > 0 ? new(null, credential.UserName, null, credential.Domain)
            : credential.UserName == before?.Name ? before
            : new CloudIdentity(null, credential.UserName, before?.DomainId, before?.DomainName);
        return this with { Login = new PasswordLogin(user, credential) };
    }
}
