using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>The Kubernetes API of one cluster, over the KubernetesClient package. Answers that are no success come as KlException:
/// KubeNotFound, KubeExists, KubeConflict, KubeForbidden, KubeInvalid, KubeUnauthorized, KubeUnavailable, KubeUnreachable, KubeUntrusted, KubeFailed.</summary>
public sealed partial class KubeApi : IDisposable
{
    private const string ContextPrefix = "kubelab-";
    private readonly JsonSerializerOptions _json;
    private readonly TimeProvider _clock;
    private readonly string? _serverName;
    private readonly IRenewable? _renewable;

    internal KubeApi(KubernetesClientConfiguration config, string context, TimeProvider clock)
    {
        config.UserAgent = "kubelab";
        _renewable = config.TokenProvider as IRenewable;
        // What the kubeconfig says of a proxy or certificate comes last.
        config.FirstMessageHandlerSetup = (handler => Tune(handler, new Uri(config.Host))) + config.FirstMessageHandlerSetup;
        _json = config.JsonSerializerOptions;
        _clock = clock;
        _serverName = config.TlsServerName;
        Context = context;
        DefaultNamespace = string.IsNullOrEmpty(config.Namespace) ? "default" : config.Namespace;
        Client = new Kubernetes(config);
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

    /// <summary>Opens a cluster of the user's kubeconfig.</summary>
    /// <param name="cluster">A KubeLab cluster's name (context kubelab-NAME), any context's name, or null: the current context.</param>
    /// <exception cref="Flow.KlException">KubeContextNotFound, KubeconfigInvalid.</exception>
    public static KubeApi Open(string? cluster)
    {
        var (config, context) = Kubeconfig.Load(cluster);
        return new(config, context, TimeProvider.System);
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
