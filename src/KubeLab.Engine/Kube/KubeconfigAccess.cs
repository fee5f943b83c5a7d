using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.KubeConfigModels;
using KubeLab.Engine.Flow;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube;

/// <summary>What the package does not read of a kubeconfig, or not as kubectl does: exec plugins, tokenFile, proxy-url, users without credentials.</summary>
internal static class KubeconfigAccess
{
    private static readonly ConcurrentDictionary<string, ExecPlugin> Plugins = new();

    /// <summary>The package's configuration of a context, with what it lacks.</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static KubernetesClientConfiguration Build(KubeconfigFiles files, K8SConfiguration merged, string context)
    {
        var details = merged.Contexts.First(c => c.Name == context).ContextDetails;
        var (_, cluster) = Find(files, "clusters", details?.Cluster, "cluster");
        var (home, user) = Find(files, "users", details?.User, "user");
        var credentials = merged.Users.FirstOrDefault(u => u.Name == details?.User)?.UserCredentials;
        var exec = user?.Map("exec");
        var tokenFile = user?.Text("tokenFile");
        if (credentials is not null)
            (credentials.ExternalExecution, credentials.Token) = (null, tokenFile is not null || string.IsNullOrEmpty(credentials.Token) ? Missing(credentials) : credentials.Token);
        if (cluster?.Text("insecure-skip-tls-verify") == "true" && (cluster.Text("certificate-authority") ?? cluster.Text("certificate-authority-data")) is not null)
            throw new KlException("KubeconfigInvalid", KlErrorKind.InvalidInput, home, $"The cluster {details?.Cluster} names a certificate authority and says insecure-skip-tls-verify.", "Take one of them out of the kubeconfig.");
        var config = KubernetesClientConfiguration.BuildConfigFromConfigObject(merged, context);
        if (config.AccessToken == Placeholder)
            config.AccessToken = null;
        if (tokenFile is not null)
            config.TokenProvider = new TokenFile(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(home))!, tokenFile));
        else if (exec is not null && config.AccessToken is null)
        {
            var told = Told(cluster);
            var plugin = Plugins.GetOrAdd($"{home}\n{exec}\n{told.ToJsonString()}", _ => new(ExecPluginSpec.Read(exec, home, told), TimeProvider.System));
            config.TokenProvider = plugin;
            config.FirstMessageHandlerSetup += handler => handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => plugin.Certificate!;
        }
        if (cluster?.Text("proxy-url") is { } proxy)
        {
            if (!Uri.TryCreate(proxy, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https" or "socks5"))
                throw new KlException("KubeconfigInvalid", KlErrorKind.InvalidInput, home, $"proxy-url '{proxy}' of the cluster {details?.Cluster} is no http, https or socks5 address.", "Correct the kubeconfig.");
            config.FirstMessageHandlerSetup += handler => (handler.UseProxy, handler.Proxy) = (true, new WebProxy(address));
        }
        return config;
    }

    // Where the package would refuse a user that it sees no credentials of.
    private const string Placeholder = "-";

    private static string? Missing(UserCredentials of) =>
        string.IsNullOrEmpty(of.UserName) && string.IsNullOrEmpty(of.ClientCertificate) && string.IsNullOrEmpty(of.ClientCertificateData) && of.AuthProvider is null ? Placeholder : null;

    private static (string Path, YamlMappingNode? Part) Find(KubeconfigFiles files, string section, string? name, string key)
    {
        foreach (var path in files.Existing)
            if (name is not null && KubeconfigText.Parse(File.ReadAllText(path), path).Find(section, name) is { } item)
                return (path, item.Map(key));
        return (files.Default, null);
    }

    // ExecCredential's spec.cluster names its fields as the kubeconfig does.
    private static JsonObject Told(YamlMappingNode? cluster)
    {
        var told = new JsonObject();
        foreach (var key in (string[])["server", "tls-server-name", "certificate-authority-data", "proxy-url"])
            if (cluster?.Text(key) is { } value)
                told[key] = value;
        if (cluster?.Text("insecure-skip-tls-verify") == "true")
            told["insecure-skip-tls-verify"] = true;
        return told;
    }
}
