using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

/// <summary>The Kubernetes API of one cluster, over the KubernetesClient package. Answers that are no success come as KlException:
/// KubeNotFound, KubeExists, KubeConflict, KubeForbidden, KubeInvalid, KubeUnauthorized, KubeUnavailable, KubeUnreachable, KubeUntrusted, KubeFailed.</summary>
public sealed partial class KubeApi : IDisposable
{
    private const string ContextPrefix = "kubelab-";
    private const string Renew = "Get a new one: kubeadm certs renew all on the control plane writes them for kubeadm's clusters.";
    private static readonly ConcurrentDictionary<string, bool> Warned = new();
    private readonly JsonSerializerOptions _json;
    private readonly TimeProvider _clock;
    private readonly string? _serverName;
    private readonly IRenewable? _renewable;
    private readonly ServerTrust _trust;
    private readonly Lazy<DateTime?> _certificateEnds;

    internal KubeApi(KubernetesClientConfiguration config, string context, TimeProvider clock)
    {
        config.UserAgent = "kubelab";
        _renewable = config.TokenProvider as IRenewable;
        // What the kubeconfig says of a proxy or certificate comes last.
        SocketsHttpHandler? tuned = null;
        config.FirstMessageHandlerSetup = (handler => Tune(tuned = handler, new Uri(config.Host))) + config.FirstMessageHandlerSetup;
        _json = config.JsonSerializerOptions;
        _clock = clock;
        _serverName = config.TlsServerName;
        Context = context;
        DefaultNamespace = string.IsNullOrEmpty(config.Namespace) ? "default" : config.Namespace;
        Client = new Kubernetes(config);
        _trust = new(config.SslCaCerts);
        _certificateEnds = new(() => EndOf(config));
        if (!config.SkipTlsVerify)
            tuned!.SslOptions.RemoteCertificateValidationCallback = _trust.Accepts;
    }

    /// <summary>The kubeconfig context it was opened by.</summary>
    public string Context { get; }

    /// <summary>The KubeLab cluster's name, or the context's where it is no cluster of ours.</summary>
    public string Cluster => Context.StartsWith(ContextPrefix, StringComparison.Ordinal) ? Context[ContextPrefix.Length..] : Context;

    /// <summary>The namespace that the context names, or default.</summary>
    public string DefaultNamespace { get; }

    /// <summary>The package's client, for what it does well as it is: exec, port-forward.</summary>
    public Kubernetes Client { get; }

    /// <summary>How the server's JSON is read.</summary>
    internal JsonSerializerOptions JsonOptions => _json;

    /// <summary>How long one request may take, its answer's body included. Watches and followed logs are not requests in this sense.</summary>
    internal TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the other side of an open program is asked whether it is there, and how long it may take to say so.</summary>
    internal TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Opens a cluster of the user's kubeconfig.</summary>
    /// <param name="cluster">A KubeLab cluster's name (context kubelab-NAME), any context's name, or null: the current context.</param>
    /// <exception cref="Flow.KlException">KubeContextNotFound, KubeconfigInvalid.</exception>
    public static KubeApi Open(string? cluster) => Open(KubeconfigFiles.Found(), cluster);

    internal static KubeApi Open(KubeconfigFiles files, string? cluster)
    {
        var (config, context) = Kubeconfig.Load(files, cluster);
        if (config.SkipTlsVerify && LabEvents.Current is { } events && Warned.TryAdd($"{context} {config.Host}", true))
            events.Warning(context, $"the certificate of {config.Host} is not verified (insecure-skip-tls-verify in the kubeconfig): whoever is in between can read and change everything.");
        try
        {
            return new(config, context, TimeProvider.System);
        }
        catch (Exception error) when (Kubeconfig.IsUnusable(error))
        {
            throw Kubeconfig.Unusable(context, error);
        }
    }

    /// <summary>An object by name, or null where there is none.</summary>
    public async Task<T?> FindAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        await FindAsync<T>(KubeKind.Of<T>().Path(ns, name), stop);

    /// <summary>Makes an object.</summary>
    /// <exception cref="Flow.KlException">KubeExists, where there is one of that name.</exception>
    public Task<T> CreateAsync<T>(T desired, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Post, KubeKind.Of<T>().Path(desired.Metadata.NamespaceProperty) + $"?fieldManager={FieldManager}", Json(Node(desired)), stop);

    /// <summary>Changes single fields of an object by a JSON merge patch (RFC 7386); a metadata.resourceVersion in it makes it fail with KubeConflict where the object has changed since.</summary>
    public Task<T> PatchAsync<T>(string name, string? ns, System.Text.Json.Nodes.JsonObject patch, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Patch, KubeKind.Of<T>().Path(ns, name) + $"?fieldManager={FieldManager}", Json(patch, "application/merge-patch+json"), stop);

    /// <summary>Deletes an object; what it owns goes after it. False where there was none.</summary>
    public async Task<bool> DeleteAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await SendAsync<JsonElement>(HttpMethod.Delete, KubeKind.Of<T>().Path(ns, name) + "?propagationPolicy=Background", null, stop);
            return true;
        }
        catch (Flow.KlException error) when (error.ErrorId == "KubeNotFound")
        {
            return false;
        }
    }

    /// <summary>The last lines of a container's log.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="lines">How many at most.</param>
    /// <param name="previous">Of the container's run before this one.</param>
    /// <param name="stop">Ends it.</param>
    public Task<string> LogTailAsync(string ns, string pod, string container, int lines, bool previous, CancellationToken stop) =>
        SendAsync(HttpMethod.Get, $"{KubeKind.Of<V1Pod>().Path(ns, pod)}/log?container={Uri.EscapeDataString(container)}&tailLines={lines}&previous={(previous ? "true" : "false")}",
            null, static (content, token) => content.ReadAsStringAsync(token), stop);

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();

    private async Task<T?> FindAsync<T>(string path, CancellationToken stop) where T : class
    {
        try
        {
            return await SendAsync<T>(HttpMethod.Get, path, null, stop);
        }
        catch (Flow.KlException error) when (error.ErrorId == "KubeNotFound")
        {
            return null;
        }
    }

    // The error of a request that got no answer.
    private KlException NoAnswer(Exception error) =>
        KubeStatus.IsCutOff(error) && _trust.Refusal is null && Expired() is { } expired
            ? new("KubeUnauthorized", KlErrorKind.Denied, Client.BaseUri.Authority, $"{Client.BaseUri.Authority}: the API server ended the connection. {expired}", Renew, error)
            : KubeStatus.Unreachable(Client.BaseUri, error, RequestTimeout, _trust.Refusal);

    // The error of an answer that is no success.
    private KlException Refused(int code, string said, string path)
    {
        var error = KubeStatus.Error(code, said, path);
        return code == 401 && Expired() is { } expired ? new(error.ErrorId, error.Kind, error.Target, $"{error.Message} {expired}", Renew, error.InnerException) : error;
    }

    private string? Expired() => _certificateEnds.Value is { } end && end < _clock.GetUtcNow().UtcDateTime ? $"The client certificate in the kubeconfig expired on {end:yyyy-MM-dd HH:mm} UTC." : null;

    private static DateTime? EndOf(KubernetesClientConfiguration config)
    {
        var pem = config.ClientCertificateFilePath is { Length: > 0 } path ? File.ReadAllText(path)
            : config.ClientCertificateData is { Length: > 0 } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : null;
        if (pem is null)
            return null;
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.NotAfter.ToUniversalTime();
    }

    private static void Tune(SocketsHttpHandler handler, Uri server)
    {
        handler.ConnectTimeout = TimeSpan.FromSeconds(10);
        // A server that went away without a word ends watches in 45 s, not in the 15 minutes TCP takes.
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
        handler.AutomaticDecompression = DecompressionMethods.GZip;
        // Go's clients never ask a proxy for a loopback address; .NET would.
        handler.UseProxy = !server.IsLoopback;
    }
}
