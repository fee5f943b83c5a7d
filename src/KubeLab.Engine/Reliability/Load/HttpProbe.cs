using System.Net.Security;
using System.Text;

namespace KubeLab.Engine.Reliability.Load;

/// <summary>Sends HTTP requests. Cookies are not kept, and no proxy is used: its answers would be measured instead of those of the service.</summary>
/// <remarks>Redirects are followed on the same host only, as the HTTP probes of Kubernetes do. Another host is not what is measured.</remarks>
public sealed class HttpProbe : IDisposable
{
    private const int MaxRedirects = 10;
    private readonly Expectation _expectation;
    private readonly HttpMessageInvoker _http;

    /// <param name="expectation">The expected response.</param>
    /// <param name="timeout">The maximum time to connect.</param>
    /// <param name="newConnections">Whether each request opens a connection.</param>
    /// <param name="skipCertificateCheck">Whether any server certificate is accepted.</param>
    public HttpProbe(Expectation expectation, TimeSpan timeout, bool newConnections, bool skipCertificateCheck)
    {
        _expectation = expectation;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = timeout,
            PooledConnectionLifetime = newConnections ? TimeSpan.Zero : Timeout.InfiniteTimeSpan,
            ActivityHeadersPropagator = null,
        };
        if (skipCertificateCheck)
            // The user asked for it.
#pragma warning disable CA5359
            handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5359
        _http = new(handler);
    }

    /// <summary>Sends one request and reads the response.</summary>
    public async Task<ProbeResult> SendAsync(Uri url, CancellationToken stop)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("User-Agent", "KubeLab");
            using var response = await _http.SendAsync(request, stop);
            var status = (int)response.StatusCode;
            if (status is 301 or 302 or 303 or 307 or 308 && _expectation.Statuses.Count == 0 && redirects < MaxRedirects
                && response.Headers.Location is { } to && new Uri(url, to) is var next && IsSameHost(url, next))
            {
                url = next;
                continue;
            }
            var reason = _expectation.Judge(status)
                ?? await _expectation.JudgeAsync(await response.Content.ReadAsStreamAsync(stop), EncodingOf(response.Content), stop);
            return new(reason, status);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static bool IsSameHost(Uri one, Uri other) => (one.Scheme, one.Authority) == (other.Scheme, other.Authority);

    internal static Encoding EncodingOf(HttpContent content)
    {
        try
        {
            return content.Headers.ContentType?.CharSet?.Trim('"') is { Length: > 0 } name ? Encoding.GetEncoding(name) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}
