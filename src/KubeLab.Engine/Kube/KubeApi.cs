using System.Collections.Concurrent;
using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Kube;

/// <summary>The Kubernetes API of one cluster, over the KubernetesClient package. Unsuccessful responses are thrown as KlException:
/// KubeNotFound, KubeExists, KubeConflict, KubeForbidden, KubeInvalid, KubeUnauthorized, KubeUnavailable, KubeUnreachable, KubeUntrusted,
/// KubeFailed.</summary>
public sealed partial class KubeApi : IDisposable
{
    private const string ContextPrefix = "kubelab-";
    private const string RenewCertificate = "Get a new certificate. On a kubeadm control plane, run: kubeadm certs renew all.";
    private readonly KubeSession _session;
    private readonly TimeProvider _clock;
    private readonly KubeConnection _connection;
    private readonly ConcurrentDictionary<string, bool> _reported = new();
    private bool _isClosed;

    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate or key cannot be used.</exception>
    internal KubeApi(KubeSession session, KubeSettings settings, string context)
    {
        _session = session;
        _clock = session.Clock;
        Context = context;
        DefaultNamespace = settings.Namespace;
        _connection = session.Acquire(settings);
    }

    /// <summary>The kubeconfig context.</summary>
    public string Context { get; }

    /// <summary>The KubeLab cluster's name, or the context's name if KubeLab did not create the cluster.</summary>
    public string Cluster => Context.StartsWith(ContextPrefix, StringComparison.Ordinal) ? Context[ContextPrefix.Length..] : Context;

    /// <summary>The context's namespace. Default: default.</summary>
    public string DefaultNamespace { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Clock => _clock;

    /// <summary>The options for the server's JSON.</summary>
    internal static JsonSerializerOptions JsonOptions => KubeModels.Options;

    /// <summary>The timeout of one request, including the response body. It does not apply to watches and followed logs.</summary>
    internal TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an open stream is pinged, and how long the ping may take.</summary>
    internal TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Finds an object by name. Null if it does not exist.</summary>
    public async Task<T?> FindAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        await FindAsync<T>(KubeKind.Of<T>().Path(ns, name), stop);

    /// <summary>Creates an object.</summary>
    /// <exception cref="KlException">KubeExists if the name is in use.</exception>
    public Task<T> CreateAsync<T>(T desired, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Post, KubeKind.Of<T>().Path(desired.Metadata.NamespaceProperty) + $"?fieldManager={FieldManager}", Json(Node(desired)), stop);

    /// <summary>Patches an object with a JSON merge patch (RFC 7386). If the patch contains metadata.resourceVersion and the object has changed since,
    /// the patch fails with KubeConflict.</summary>
    public Task<T> PatchAsync<T>(string name, string? ns, System.Text.Json.Nodes.JsonObject patch, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Patch, KubeKind.Of<T>().Path(ns, name) + $"?fieldManager={FieldManager}", Json(patch, "application/merge-patch+json"), stop);

    /// <summary>Deletes an object, and its dependents in the background. False if it does not exist.</summary>
    public async Task<bool> DeleteAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await SendAsync<JsonElement>(HttpMethod.Delete, KubeKind.Of<T>().Path(ns, name) + "?propagationPolicy=Background", null, stop);
            return true;
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeNotFound)
        {
            return false;
        }
    }

    /// <summary>Deletes a pod without a grace period. A pod of the same name that replaced it is not deleted.</summary>
    /// <exception cref="KlException">KubeNotFound, KubeConflict.</exception>
    internal Task KillPodAsync(V1Pod pod, CancellationToken stop) => SendAsync<JsonElement>(
        HttpMethod.Delete, KubeKind.Of<V1Pod>().Path(pod.Metadata.NamespaceProperty, pod.Metadata.Name), Json(new System.Text.Json.Nodes.JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["gracePeriodSeconds"] = 0,
            ["preconditions"] = new System.Text.Json.Nodes.JsonObject { ["uid"] = pod.Metadata.Uid },
        }), stop);

    /// <summary>Reads the last lines of a container's log.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="lines">The maximum number of lines.</param>
    /// <param name="previous">Reads the log of the previous container instance.</param>
    /// <param name="stop">Cancels the operation.</param>
    public Task<string> LogTailAsync(string ns, string pod, string container, int lines, bool previous, CancellationToken stop) =>
        SendAsync(HttpMethod.Get,
            $"{KubeKind.Of<V1Pod>().Path(ns, pod)}/log?container={Uri.EscapeDataString(container)}&tailLines={lines}&previous={(previous ? "true" : "false")}",
            null, static (content, token) => HeadAsync(content, MaxTextLength, token), stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isClosed, true))
            _session.Release(_connection);
    }

    private async Task<T?> FindAsync<T>(string path, CancellationToken stop) where T : class
    {
        try
        {
            return await SendAsync<T>(HttpMethod.Get, path, null, stop);
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeNotFound)
        {
            return null;
        }
    }

    // The error of a request without a response.
    private KlException NoAnswer(Exception error)
    {
        _connection.AcceptedAt = null;
        return KubeStatus.IsConnectionReset(error) && _connection.Trust.Rejection is null && Expired() is { } expired
            ? new(ErrorIds.KubeUnauthorized, KlErrorKind.Denied, Server.Authority, $"{Server.Authority}: the API server closed the connection. {expired}",
                RenewCertificate, error)
            : KubeStatus.Unreachable(Server, error, RequestTimeout, _connection.Trust.Rejection, _connection.Proxy);
    }

    // The error of an unsuccessful response.
    private KlException Refused(int code, string body, string path)
    {
        if (code == 407)
            return KubeStatus.ProxyRefused(Server, _connection.Proxy, code);
        var error = KubeStatus.Error(code, body, path);
        if (code is 502 or 503 or 504 && Server.Scheme == Uri.UriSchemeHttp && _connection.Proxy is { } proxy)
            return new(error.ErrorId, error.Kind, error.Target, $"{error.Message} (The response may come from the proxy {proxy} and not from the API server.)",
                "Check that the proxy can reach the API server, or add the server to NO_PROXY.", error.InnerException);
        return code is 401 or 403 && _connection.Settings.KeepsCredentials
            ? new(error.ErrorId, error.Kind, error.Target,
                $"{error.Message} The user's credentials were not sent, because http://{Server.Authority} is not encrypted.",
                "Use an https:// URL for the server in the kubeconfig.", error.InnerException)
            : code == 401 && Expired() is { } expired
            ? new(error.ErrorId, error.Kind, error.Target, $"{error.Message} {expired}", RenewCertificate, error.InnerException)
            : error;
    }

    /// <summary>Parses the Status object that ends a command. Anything else becomes its message.</summary>
    internal static V1Status StatusOf(byte[] data)
    {
        try
        {
            return JsonSerializer.Deserialize<V1Status>(data, JsonOptions) ?? new() { Message = "null" };
        }
        catch (JsonException)
        {
            return new() { Message = System.Text.Encoding.UTF8.GetString(data) };
        }
    }

    private string? Expired() => _connection.CertificateEnds is { } end && end < _clock.GetUtcNow().UtcDateTime
        ? $"The client certificate in the kubeconfig expired on {end:yyyy-MM-dd HH:mm} UTC." : null;

    private Uri Server => _connection.Server;
}
