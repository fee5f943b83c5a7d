using System.Collections.Concurrent;
using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Kube;

/// <summary>The Kubernetes API of one cluster, over the KubernetesClient package. Answers that are no success come as KlException:
/// KubeNotFound, KubeExists, KubeConflict, KubeForbidden, KubeInvalid, KubeUnauthorized, KubeUnavailable, KubeUnreachable, KubeUntrusted, KubeFailed.</summary>
public sealed partial class KubeApi : IDisposable
{
    private const string ContextPrefix = "kubelab-";
    private const string Renew = "Get a new one: kubeadm certs renew all on the control plane writes them for kubeadm's clusters.";
    private readonly KubeSession _session;
    private readonly TimeProvider _clock;
    private readonly KubeConnection _connection;
    private readonly ConcurrentDictionary<string, bool> _told = new();
    private bool _isClosed;

    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate or key cannot be used.</exception>
    internal KubeApi(KubeSession session, KubeSettings settings, string context)
    {
        _session = session;
        _clock = session.Clock;
        Context = context;
        DefaultNamespace = settings.Namespace;
        _connection = session.Take(settings);
    }

    /// <summary>The kubeconfig context it was opened by.</summary>
    public string Context { get; }

    /// <summary>The KubeLab cluster's name, or the context's where it is no cluster of ours.</summary>
    public string Cluster => Context.StartsWith(ContextPrefix, StringComparison.Ordinal) ? Context[ContextPrefix.Length..] : Context;

    /// <summary>The namespace that the context names, or default.</summary>
    public string DefaultNamespace { get; }

    /// <summary>Time.</summary>
    internal TimeProvider Clock => _clock;

    /// <summary>How the server's JSON is read.</summary>
    internal static JsonSerializerOptions JsonOptions => KubeModels.Options;

    /// <summary>How long one request may take, its answer's body included. Watches and followed logs are not requests in this sense.</summary>
    internal TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the other side of an open program is asked whether it is there, and how long it may take to say so.</summary>
    internal TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An object by name, or null where there is none.</summary>
    public async Task<T?> FindAsync<T>(string name, string? ns, CancellationToken stop) where T : class, IKubernetesObject<V1ObjectMeta> =>
        await FindAsync<T>(KubeKind.Of<T>().Path(ns, name), stop);

    /// <summary>Makes an object.</summary>
    /// <exception cref="KlException">KubeExists, where there is one of that name.</exception>
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
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeNotFound)
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
            null, static (content, token) => HeadAsync(content, LongestText, token), stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isClosed, true))
            _session.Return(_connection);
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

    // The error of a request that got no answer.
    private KlException NoAnswer(Exception error) =>
        KubeStatus.IsCutOff(error) && _connection.Trust.Refusal is null && Expired() is { } expired
            ? new(ErrorIds.KubeUnauthorized, KlErrorKind.Denied, Server.Authority, $"{Server.Authority}: the API server ended the connection. {expired}", Renew, error)
            : KubeStatus.Unreachable(Server, error, RequestTimeout, _connection.Trust.Refusal, _connection.Proxy);

    // The error of an unsuccessful answer.
    private KlException Refused(int code, string said, string path)
    {
        if (code == 407)
            return KubeStatus.ProxyRefused(Server, _connection.Proxy, code);
        var error = KubeStatus.Error(code, said, path);
        if (code is 502 or 503 or 504 && Server.Scheme == Uri.UriSchemeHttp && _connection.Proxy is { } proxy)
            return new(error.ErrorId, error.Kind, error.Target, $"{error.Message} (It came through the proxy {proxy}, which may have answered itself.)", "Look whether the proxy reaches the API server, or except the server in NO_PROXY.", error.InnerException);
        return code is 401 or 403 && _connection.Settings.KeepsCredentials
            ? new(error.ErrorId, error.Kind, error.Target, $"{error.Message} The user's credentials were not sent, because http://{Server.Authority} is not encrypted.", "Name the server with https:// in the kubeconfig.", error.InnerException)
            : code == 401 && Expired() is { } expired ? new(error.ErrorId, error.Kind, error.Target, $"{error.Message} {expired}", Renew, error.InnerException) : error;
    }

    /// <summary>A Status object as a program's end is told by; anything else is its message.</summary>
    internal static V1Status StatusOf(byte[] said)
    {
        try
        {
            return JsonSerializer.Deserialize<V1Status>(said, JsonOptions) ?? new() { Message = "null" };
        }
        catch (JsonException)
        {
            return new() { Message = System.Text.Encoding.UTF8.GetString(said) };
        }
    }

    private string? Expired() => _connection.CertificateEnds is { } end && end < _clock.GetUtcNow().UtcDateTime ? $"The client certificate in the kubeconfig expired on {end:yyyy-MM-dd HH:mm} UTC." : null;

    private Uri Server => _connection.Server;
}
