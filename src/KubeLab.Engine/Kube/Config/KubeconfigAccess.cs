using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>Reads the connection settings of a cluster from a kubeconfig, like kubectl does.</summary>
/// <remarks>client-go tools/clientcmd: client_config.go, validation.go; rest/url_utils.go.</remarks>
internal static class KubeconfigAccess
{
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

    /// <summary>Reads the connection settings of a context.</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    /// <exception cref="IOException">A file that it references cannot be read.</exception>
    /// <param name="files">The kubeconfig.</param>
    /// <param name="context">The context's name.</param>
    /// <param name="read">Reads a file.</param>
    /// <exception cref="FormatException">Base64 data is invalid.</exception>
    public static KubeSettings Read(KubeconfigFiles files, string context, Func<string, string> read)
    {
        var texts = files.Existing.Select(path => (path, KubeconfigText.Parse(read(path), path))).ToList();
        var (home, details) = Find(texts, "contexts", context, "context");
        var (clusterHome, cluster) = Find(texts, "clusters", details?.Text("cluster"), "cluster");
        var (userHome, user) = Find(texts, "users", details?.Text("user"), "user");
        if (details is null || cluster is null)
            throw Invalid(home, details?.Text("cluster") is { } absent ? $"The cluster {absent} of the context {context} is not in the kubeconfig."
                : $"The context {context} does not specify a cluster.");
        if (user is null && details.Text("user") is { } unknown)
            throw Invalid(home, $"The user {unknown} of the context {context} is not in the kubeconfig.");
        var server = Address(cluster.Text("server"), clusterHome);
        var isSecure = server.Scheme == Uri.UriSchemeHttps;
        if (cluster.Flag("insecure-skip-tls-verify") && (cluster.Text("certificate-authority") ?? cluster.Text("certificate-authority-data")) is not null)
            throw Invalid(clusterHome, $"The cluster {details.Text("cluster")} has both a certificate authority and insecure-skip-tls-verify.",
                "Remove one of them from the kubeconfig.");
        var settings = new KubeSettings(server)
        {
            ServerName = cluster.Text("tls-server-name"),
            SkipTlsVerify = isSecure && cluster.Flag("insecure-skip-tls-verify"),
            Authority = isSecure ? Pem(cluster, "certificate-authority", clusterHome, read) : null,
            Proxy = Proxy(cluster, details.Text("cluster")!, clusterHome),
            Namespace = details.Text("namespace") ?? "default",
            Impersonation = user is null ? "" : Impersonation.Read(user, details.Text("user")!, userHome),
        };
        // Like kubectl, never send credentials over an unencrypted connection.
        return user is null ? settings : isSecure ? WithCredentials(settings, user, userHome, cluster, read) : settings
            with
        {
            KeepsCredentials = user.Children.Keys.Any(key =>
                key is YamlScalarNode { Value: not ("as" or "as-uid" or "as-groups" or "as-user-extra") })
        };
    }

    /// <summary>The settings for a pod to access its own cluster.</summary>
    public static KubeSettings InCluster(Func<string, string> read)
    {
        var (host, port) = (Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST")!, Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT"));
        return new(new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}/"))
        {
            Authority = read(ServiceAccount + "ca.crt"),
            TokenFile = ServiceAccount + "token",
            Namespace = read(ServiceAccount + "namespace").Trim(),
        };
    }

    private static KubeSettings WithCredentials(KubeSettings settings, YamlMappingNode user, string home, YamlMappingNode cluster, Func<string, string> read)
    {
        var (certificate, key) = (Pem(user, "client-certificate", home, read), Pem(user, "client-key", home, read));
        if (certificate is not null && key is null)
            throw Invalid(home, "A user with a client certificate needs a client-key or client-key-data.");
        var provider = user.Map("auth-provider");
        if (provider is not null && provider.Text("name") != "oidc")
            throw Invalid(home, $"Kubernetes clients no longer support the auth-provider {provider.Text("name")}.", "Use the provider's exec plugin instead.");
        settings = settings with
        {
            Certificate = certificate,
            Key = key,
            Token = user.Text("token"),
            TokenFile = user.Text("tokenFile") is { } file ? Resolve(home, file) : null,
            Basic = user.Text("username") is { } name ? $"{name}:{user.Text("password")}" : settings.Server.UserInfo is { Length: > 0 } info
            ? Uri.UnescapeDataString(info) : null,
        };
        if (settings is not { Token: null, TokenFile: null, Basic: null })
            return settings;
        if (user.Map("exec") is { } exec)
            return settings with { Plugin = ExecPluginSpec.Read(exec, home, ClusterInfo(cluster, settings)) };
        if (provider?.Map("config") is not { } login || login.Text("id-token") is not { } id)
            return settings;
        return login.Text("client-id") is { } client && login.Text("idp-issuer-url") is { } issuer && login.Text("refresh-token") is { } refresh
            ? settings with { Oidc = new(client, login.Text("client-secret"), issuer, id, refresh) } : settings with { Token = id };
    }

    // Like Go: an address without a scheme is host and port, accessed without TLS.
    private static Uri Address(string? server, string home)
    {
        if (server is null)
            return new("http://localhost:8080/");
        var isUrl = server.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(isUrl ? server : "http://" + server, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https") || !isUrl && address.AbsolutePath != "/")
            throw Invalid(home, $"The server '{server}' is not an http or https URL or host:port.");
        return new UriBuilder(address) { Path = address.AbsolutePath.TrimEnd('/') + "/", Query = "", Fragment = "" }.Uri;
    }

    private static Uri? Proxy(YamlMappingNode cluster, string name, string home) =>
        cluster.Text("proxy-url") is not { } proxy ? null
        : Uri.TryCreate(proxy, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "socks5" ? address
        : throw Invalid(home, $"The proxy-url of the cluster {name} is not an http, https or socks5 URL.");

    private static string? Pem(YamlMappingNode of, string key, string home, Func<string, string> read) =>
        of.Text(key + "-data") is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : of.Text(key) is { } file
            ? read(Resolve(home, file)) : null;

    private static string Resolve(string home, string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(home))!, file);

    private static (string Path, YamlMappingNode? Part) Find(List<(string Path, KubeconfigText Text)> texts, string section, string? name, string key)
    {
        foreach (var (path, text) in texts)
            if (name is not null && text.Find(section, name) is { } item)
                return (path, item.Map(key) ?? []);
        return (texts.FirstOrDefault().Path ?? "kubeconfig", null);
    }

    // spec.cluster of ExecCredential uses the field names of the kubeconfig.
    private static JsonObject ClusterInfo(YamlMappingNode cluster, KubeSettings settings)
    {
        var info = new JsonObject();
        foreach (var key in (string[])["server", "tls-server-name", "proxy-url"])
            if (cluster.Text(key) is { } value)
                info[key] = value;
        if (settings.Authority is { } authority)
            info["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority));
        if (settings.SkipTlsVerify)
            info["insecure-skip-tls-verify"] = true;
        return info;
    }

    private static KlException Invalid(string path, string why, string next = "Correct the kubeconfig.") =>
        new(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, path, why, next);
}
