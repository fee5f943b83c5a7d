namespace KubeLab.Engine.Kube.Config;

/// <summary>How the requests of a context are made. Equal settings share their connections.</summary>
/// <param name="Server">The API server; its path ends with a slash.</param>
internal sealed record KubeSettings(Uri Server)
{
    /// <summary>The name that the server's certificate has to have, or null: the server's.</summary>
    public string? ServerName { get; init; }

    /// <summary>Any certificate of the server will do.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The certificates that the server's has to come from (PEM), or null: those that this computer trusts.</summary>
    public string? Authority { get; init; }

    /// <summary>The client certificate and what leads to its authority (PEM), or null.</summary>
    public string? Certificate { get; init; }

    /// <summary>Its key (PEM).</summary>
    public string? Key { get; init; }

    /// <summary>A bearer token, or null.</summary>
    public string? Token { get; init; }

    /// <summary>A file that holds the bearer token, or null.</summary>
    public string? TokenFile { get; init; }

    /// <summary>User and password with a colon between them, or null.</summary>
    public string? Basic { get; init; }

    /// <summary>A program that gives the credentials, or null.</summary>
    public ExecPluginSpec? Plugin { get; init; }

    /// <summary>An OpenID Connect login, or null.</summary>
    public OidcLogin? Oidc { get; init; }

    /// <summary>Whose rights are asked for: header lines, or "".</summary>
    public string Impersonation { get; init; } = "";

    /// <summary>The proxy that the kubeconfig names, or null: the environment's.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The namespace that the context names.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The server as a kubeconfig writes it.</summary>
    public string Host => Server.ToString().TrimEnd('/');

    /// <summary>Whether the user has credentials that are not sent, because the connection is not encrypted.</summary>
    public bool KeepsCredentials { get; init; }
}

/// <summary>An OpenID Connect login that can be renewed.</summary>
internal sealed record OidcLogin(string ClientId, string? ClientSecret, string Issuer, string Token, string RefreshToken);
