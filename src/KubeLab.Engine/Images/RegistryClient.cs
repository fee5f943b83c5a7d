using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Images;

/// <summary>A client for the HTTP API of a registry (OCI distribution-spec 1.1). It connects through the registry's machine, so it works
/// wherever SSH works and does not change the trusted certificates or registries of this computer.</summary>
internal sealed partial class RegistryClient : IDisposable
{
    private const int Attempts = 4;
    // Registries accept manifests up to 4 MiB.
    private const int MaxResponseLength = 16 << 20;
    private readonly HttpClient _http;
    private readonly KlRegistry _registry;
    private readonly TimeProvider _clock;
    private readonly Func<string, int, CancellationToken, Task<Stream>> _dial;
    private readonly IHost? _host;

    /// <summary>Creates a client that connects through <paramref name="host"/>. Disposing the client disposes the host.</summary>
    public RegistryClient(KlRegistry registry, IHost host, TimeProvider clock)
        : this(registry, host.DialAsync, clock) => _host = host;

    internal RegistryClient(
        KlRegistry registry, Func<string, int, CancellationToken, Task<Stream>> dial, TimeProvider clock, string scheme = "https")
    {
        (_registry, _dial, _clock) = (registry, dial, clock);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, stop) => await dial(context.DnsEndPoint.Host, context.DnsEndPoint.Port, stop),
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = CertificatePolicy(registry.CaCertificate) },
        };
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri($"{scheme}://{registry.Address}/v2/"), Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxResponseLength,
        };
    }

    /// <summary>The clock.</summary>
    internal TimeProvider Clock => _clock;

    /// <summary>How long a request may make no progress.</summary>
    internal TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause before the second attempt. It doubles with each further attempt.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Connects to the registry without TLS.</summary>
    public Task<Stream> DialAsync(CancellationToken stop) => _dial(_http.BaseAddress!.Host, _http.BaseAddress.Port, stop);

    /// <summary>Checks that the registry responds and accepts the login.</summary>
    /// <exception cref="KlException">RegistryDenied, RegistryUntrusted, RegistryUnreachable, RegistryFailed.</exception>
    public async Task PingAsync(CancellationToken stop) => (await SendAsync(() => new(HttpMethod.Get, ""), stop)).Dispose();

    /// <summary>Checks once whether the registry responds. Returns null or the reason why not.</summary>
    /// <exception cref="KlException">RegistryDenied, RegistryUntrusted: waiting does not help.</exception>
    public async Task<string?> TryPingAsync(CancellationToken stop)
    {
        try
        {
            (await SendOnceAsync(new(HttpMethod.Get, ""), stop)).Dispose();
            return null;
        }
        catch (KlException error) when (error.ErrorId is not (ErrorIds.RegistryDenied or ErrorIds.RegistryUntrusted))
        {
            return error.Message;
        }
    }

    /// <summary>Whether a repository has a blob.</summary>
    public async Task<bool> HasBlobAsync(string repository, string digest, CancellationToken stop)
    {
        using var response = await SendAsync(() => new(HttpMethod.Head, $"{repository}/blobs/{digest}"), stop, HttpStatusCode.NotFound);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Reads a manifest by tag, or a manifest or list of manifests by digest; null if it does not exist.</summary>
    public async Task<byte[]?> FindManifestAsync(string repository, string reference, CancellationToken stop)
    {
        using var response = await SendAsync(() => Manifest(HttpMethod.Get, repository, reference), stop, HttpStatusCode.NotFound);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync(stop) : null;
    }

    /// <summary>Tags a manifest.</summary>
    /// <returns>False if the tag already refers to the manifest.</returns>
    public async Task<bool> PutManifestAsync(string repository, string tag, byte[] manifest, CancellationToken stop)
    {
        using (var existing = await SendAsync(() => Manifest(HttpMethod.Head, repository, tag), stop, HttpStatusCode.NotFound))
            if (existing.Headers.TryGetValues("Docker-Content-Digest", out var digest) && digest.Contains(Digests.Of(manifest)))
                return false;
        (await SendAsync(() =>
        {
            var put = Manifest(HttpMethod.Put, repository, tag);
            put.Content = new ByteArrayContent(manifest) { Headers = { ContentType = new(ImageManifest.TypeOf(manifest)) } };
            return put;
        }, stop)).Dispose();
        return true;
    }

    /// <summary>Lists the first hundred repositories.</summary>
    public async Task<IReadOnlyList<string>> RepositoriesAsync(CancellationToken stop)
    {
        using var response = await SendAsync(() => new(HttpMethod.Get, "_catalog?n=100"), stop);
        return [.. JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(stop))?["repositories"]?.AsArray().Select(name => (string)name!) ?? []];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        // Returning a host to its pool does not block.
        _host?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static HttpRequestMessage Manifest(HttpMethod method, string repository, string reference)
    {
        var request = new HttpRequestMessage(method, $"{repository}/manifests/{reference}");
        string[] lists = reference.StartsWith(Digests.Prefix, StringComparison.Ordinal) ? ImageManifest.IndexTypes : [];
        foreach (var type in (string[])[.. ImageManifest.Types, .. lists])
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        return request;
    }

    private static X509ChainPolicy CertificatePolicy(string ca)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        if (ca.Length > 0)
            policy.CustomTrustStore.ImportFromPem(ca);
        return policy;
    }

    /// <summary>Sends a request and retries it. Responses other than success and <paramref name="also"/> are errors.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken stop, HttpStatusCode? also = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(request(), stop, also);
            }
            catch (KlException error) when (error.ErrorId is ErrorIds.RegistryUnreachable or ErrorIds.RegistryBusy && attempt < Attempts)
            {
                await PauseAsync(attempt, stop);
            }
        }
    }

    /// <summary>Adds the password only if the request goes to the registry itself, because an upload URL can point to any address.</summary>
    /// <exception cref="KlException">RegistryUntrusted: the address is less secure than the registry.</exception>
    private void Authorize(HttpRequestMessage request)
    {
        var (registry, user) = (_http.BaseAddress!, _registry.Credential);
        var target = request.RequestUri is { } named ? new Uri(registry, named) : registry;
        if (Uri.Compare(registry, target, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.UserName}:{user.Password}")));
        else if (target.Scheme != registry.Scheme)
            throw new KlException(ErrorIds.RegistryUntrusted, KlErrorKind.Denied, _registry.Address,
                $"The registry {_registry} requested an upload to {target.GetLeftPart(UriPartial.Authority)}, which does not use {registry.Scheme}. "
                    + "Nothing was sent to that address.",
                "Correct the upload address in the configuration of the registry or its proxy.");
    }

    private Task PauseAsync(int attempt, CancellationToken stop) => Task.Delay(Pause * (1 << (attempt - 1)), _clock, stop);

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken stop, HttpStatusCode? also = null)
    {
        using var limit = new TimeLimit(IdleTimeout, _clock, stop);
        return await SendOnceAsync(request, limit, also);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, TimeLimit limit, HttpStatusCode? also = null)
    {
        try
        {
            using (request)
            {
                Authorize(request);
                var response = await _http.SendAsync(request, limit.Token);
                if (response.IsSuccessStatusCode || response.StatusCode == also)
                    return response;
                using (response)
                    throw Error(request, response.StatusCode, await response.Content.ReadAsStringAsync(limit.Token));
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException
            || error is OperationCanceledException && !limit.Stop.IsCancellationRequested)
        {
            throw Translate(request, error);
        }
    }

    private KlException Translate(HttpRequestMessage request, Exception error) => error switch
    {
        // The error of the SSH connection is more specific than the HTTP error.
        HttpRequestException { InnerException: KlException unreachable } =>
            new(unreachable.ErrorId, unreachable.Kind, unreachable.Target, unreachable.Message, unreachable.NextStep, error),
        HttpRequestException { InnerException: AuthenticationException } => new(ErrorIds.RegistryUntrusted, KlErrorKind.Denied, _registry.Address,
            $"The certificate of the registry {_registry} is not signed by its CA: {Cause.MessageOf(error)}", inner: error),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new(ErrorIds.RegistryFailed, KlErrorKind.Failed,
            _registry.Address,
            $"The response of the registry {_registry} to {request.Method} {request.RequestUri?.AbsolutePath} is longer than {MaxResponseLength >> 20} MiB.",
            $"Check that a registry runs at {_registry}.", error),
        _ => new(ErrorIds.RegistryUnreachable, KlErrorKind.Unreachable, _registry.Address,
            $"The registry {_registry} does not respond: "
                + (error is OperationCanceledException ? $"no progress for {IdleTimeout.TotalSeconds:0} s" : Cause.MessageOf(error)),
            $"Run 'systemctl status kubelab-registry' on {_registry.Cluster.ControlPlane} to check the registry.", error),
    };

    private KlException Error(HttpRequestMessage request, HttpStatusCode status, string body) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when request.Headers.Authorization is not null => new(
            ErrorIds.RegistryDenied, KlErrorKind.Denied, _registry.Address,
            $"The registry {_registry} rejected the login of user '{_registry.Credential.UserName}': the user name or password is wrong."),
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
            new(ErrorIds.RegistryBusy, KlErrorKind.Failed, _registry.Address, Describe(request, status, body)),
        _ => new(ErrorIds.RegistryFailed, KlErrorKind.Failed, _registry.Address, Describe(request, status, body)),
    };

    private string Describe(HttpRequestMessage request, HttpStatusCode status, string body) =>
        $"The registry {_registry} returned {(int)status} for {request.Method} {request.RequestUri?.AbsolutePath}: "
        + (body.Length > 500 ? body[..500] : body).Trim();
}
