namespace KubeLab.Engine.Kube.Config;

/// <summary>The connection settings of a context. Equal settings share their connections.</summary>
/// <param name="Server">The API server. Its path ends with a slash.</param>
internal sealed record KubeSettings(Uri Server)
{
    /// <summary>The name that the server's certificate must have, or null: the server's host name.</summary>
    public string? ServerName { get; init; }

    /// <summary>Accepts any server certificate.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The trusted certificate authorities (PEM), or null: those of this computer.</summary>
    public string? Authority { get; init; }

    /// <summary>The client certificate with its intermediate certificates (PEM), or null.</summary>
    public string? Certificate { get; init; }

    /// <summary>The client key (PEM).</summary>
    public string? Key { get; init; }

    /// <summary>A bearer token, or null.</summary>
    public string? Token { get; init; }

    /// <summary>A file that contains the bearer token, or null.</summary>
    public string? TokenFile { get; init; }

    /// <summary>User and password, separated by a colon, or null.</summary>
    public string? Basic { get; init; }

    /// <summary>A credential plugin, or null.</summary>
    public ExecPluginSpec? Plugin { get; init; }

    /// <summary>An OpenID Connect login, or null.</summary>
    public OidcLogin? Oidc { get; init; }

    /// <summary>The impersonation header lines, or "".</summary>
    public string Impersonation { get; init; } = "";

    /// <summary>The proxy from the kubeconfig, or null: the proxy from the environment.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The context's namespace.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The server as written in a kubeconfig.</summary>
    public string Host => Server.ToString().TrimEnd('/');

    /// <summary>Whether the user has credentials that are not sent, because the connection is not encrypted.</summary>
    public bool KeepsCredentials { get; init; }
}

/// <summary>An OpenID Connect login that can be renewed.</summary>
internal sealed record OidcLogin(string ClientId, string? ClientSecret, string Issuer, string Token, string RefreshToken);
