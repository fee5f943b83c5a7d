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

/// <summary>A registry's HTTP API (OCI distribution-spec 1.1), spoken through the machine it runs on: it works wherever SSH does,
/// and nobody's list of trusted certificates or registries is touched.</summary>
internal sealed partial class RegistryClient : IDisposable
{
    private const int Attempts = 4;
    private readonly HttpClient _http;
    private readonly KlRegistry _registry;
    private readonly TimeProvider _clock;
    private readonly IHost? _host;

    /// <summary>A client that reaches the registry through <paramref name="host"/>, which it gives back when disposed.</summary>
    public RegistryClient(KlRegistry registry, IHost host, TimeProvider clock)
        : this(registry, host.DialAsync, clock) => _host = host;

    internal RegistryClient(KlRegistry registry, Func<string, int, CancellationToken, Task<Stream>> dial, TimeProvider clock, string scheme = "https")
    {
        (_registry, _clock) = (registry, clock);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, stop) => await dial(context.DnsEndPoint.Host, context.DnsEndPoint.Port, stop),
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Trust(registry.CaCertificate) },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri($"{scheme}://{registry.Address}/v2/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>How long one request may go without progress.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Before the second attempt; each later pause is twice as long.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Whether it answers and lets us in.</summary>
    /// <exception cref="KlException">RegistryDenied, RegistryUntrusted, RegistryUnreachable, RegistryFailed.</exception>
    public async Task PingAsync(CancellationToken stop) => (await SendAsync(() => new(HttpMethod.Get, ""), stop)).Dispose();

    /// <summary>Asks once; null, or why it does not answer yet.</summary>
    /// <exception cref="KlException">RegistryDenied, RegistryUntrusted: time changes nothing about them.</exception>
    public async Task<string?> TryPingAsync(CancellationToken stop)
    {
        try
        {
            (await OnceAsync(new(HttpMethod.Get, ""), stop)).Dispose();
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
        using var answer = await SendAsync(() => new(HttpMethod.Head, $"{repository}/blobs/{digest}"), stop, HttpStatusCode.NotFound);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>A manifest's bytes by tag or digest, or null.</summary>
    public async Task<byte[]?> FindManifestAsync(string repository, string reference, CancellationToken stop)
    {
        using var answer = await SendAsync(() => Manifest(HttpMethod.Get, repository, reference), stop, HttpStatusCode.NotFound);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsByteArrayAsync(stop) : null;
    }

    /// <summary>Gives a manifest a tag.</summary>
    /// <returns>False where the tag had it already.</returns>
    public async Task<bool> PutManifestAsync(string repository, string tag, byte[] manifest, CancellationToken stop)
    {
        using (var there = await SendAsync(() => Manifest(HttpMethod.Head, repository, tag), stop, HttpStatusCode.NotFound))
            if (there.Headers.TryGetValues("Docker-Content-Digest", out var digest) && digest.Contains(Digests.Of(manifest)))
                return false;
        (await SendAsync(() =>
        {
            var put = Manifest(HttpMethod.Put, repository, tag);
            put.Content = new ByteArrayContent(manifest) { Headers = { ContentType = new(ImageManifest.MediaType) } };
            return put;
        }, stop)).Dispose();
        return true;
    }

    /// <summary>The repositories it holds, the first hundred.</summary>
    public async Task<IReadOnlyList<string>> RepositoriesAsync(CancellationToken stop)
    {
        using var answer = await SendAsync(() => new(HttpMethod.Get, "_catalog?n=100"), stop);
        return [.. JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync(stop))?["repositories"]?.AsArray().Select(name => (string)name!) ?? []];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        // Giving a host back to its pool is immediate.
        _host?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static HttpRequestMessage Manifest(HttpMethod method, string repository, string reference) =>
        new(method, $"{repository}/manifests/{reference}") { Headers = { Accept = { new MediaTypeWithQualityHeaderValue(ImageManifest.MediaType) } } };

    private static X509ChainPolicy Trust(string ca)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        if (ca.Length > 0)
            policy.CustomTrustStore.ImportFromPem(ca);
        return policy;
    }

    /// <summary>Sends a request until it is answered; answers that are neither success nor <paramref name="also"/> are errors.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken stop, HttpStatusCode? also = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(request(), stop, also);
            }
            catch (KlException error) when (error.ErrorId is ErrorIds.RegistryUnreachable or ErrorIds.RegistryBusy && attempt < Attempts)
            {
                await PauseAsync(attempt, stop);
            }
        }
    }

    /// <summary>Adds the password where the request goes to the registry itself: for an upload a registry can name any address.</summary>
    /// <exception cref="KlException">RegistryUntrusted: the address is less safe than the registry's own.</exception>
    private void Authorize(HttpRequestMessage request)
    {
        var (registry, user) = (_http.BaseAddress!, _registry.Credential);
        var target = request.RequestUri is { } named ? new Uri(registry, named) : registry;
        if (Uri.Compare(registry, target, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.UserName}:{user.Password}")));
        else if (target.Scheme != registry.Scheme)
            throw new KlException(ErrorIds.RegistryUntrusted, KlErrorKind.Denied, _registry.Address,
                $"The registry {_registry} wants an upload at {target.GetLeftPart(UriPartial.Authority)}, not by {registry.Scheme}. Nothing was sent there.",
                "Correct the address that the registry, or a proxy before it, gives.");
    }

    private Task PauseAsync(int attempt, CancellationToken stop) => Task.Delay(Pause * (1 << (attempt - 1)), _clock, stop);

    private async Task<HttpResponseMessage> OnceAsync(HttpRequestMessage request, CancellationToken stop, HttpStatusCode? also = null, CancellationTokenSource? patience = null)
    {
        using var own = patience is null ? CancellationTokenSource.CreateLinkedTokenSource(stop) : null;
        own?.CancelAfter(Patience);
        try
        {
            using (request)
            {
                Authorize(request);
                var answer = await _http.SendAsync(request, (patience ?? own)!.Token);
                if (answer.IsSuccessStatusCode || answer.StatusCode == also)
                    return answer;
                using (answer)
                    throw Refusal(request, answer.StatusCode, await answer.Content.ReadAsStringAsync((patience ?? own)!.Token));
            }
        }
        catch (HttpRequestException error) when (error.InnerException is KlException unreachable)
        {
            // What kept us from the machine says more than what HTTP makes of it.
            throw new KlException(unreachable.ErrorId, unreachable.Kind, unreachable.Target, unreachable.Message, unreachable.NextStep, error);
        }
        catch (HttpRequestException error) when (error.InnerException is AuthenticationException)
        {
            throw new KlException(ErrorIds.RegistryUntrusted, KlErrorKind.Denied, _registry.Address,
                $"The registry {_registry} shows a certificate that its CA did not make: {Cause.Said(error)}", "Run New-KlRegistry again; it makes it anew.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            throw new KlException(ErrorIds.RegistryUnreachable, KlErrorKind.Unreachable, _registry.Address,
                $"The registry {_registry} does not answer: {(error is OperationCanceledException ? $"nothing for {Patience.TotalSeconds:0} s" : Cause.Said(error))}",
                $"Look at 'systemctl status kubelab-registry' on {_registry.Cluster.ControlPlane}, or run New-KlRegistry again.", error);
        }
    }

    private KlException Refusal(HttpRequestMessage request, HttpStatusCode status, string body) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when request.Headers.Authorization is not null => new(ErrorIds.RegistryDenied, KlErrorKind.Denied, _registry.Address,
            $"The registry {_registry} does not let user '{_registry.Credential.UserName}' in: the user or the password is wrong.",
            $"Take the registry from 'Get-KlRegistry {_registry.Cluster}', or choose a new password with New-KlRegistry -Credential."),
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new(ErrorIds.RegistryBusy, KlErrorKind.Failed, _registry.Address, Words(request, status, body)),
        _ => new(ErrorIds.RegistryFailed, KlErrorKind.Failed, _registry.Address, Words(request, status, body)),
    };

    private string Words(HttpRequestMessage request, HttpStatusCode status, string body) =>
        $"The registry {_registry} answers {(int)status} to {request.Method} {request.RequestUri?.AbsolutePath}: {(body.Length > 500 ? body[..500] : body).Trim()}";
}
