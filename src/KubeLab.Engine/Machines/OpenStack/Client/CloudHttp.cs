using System.Net.Http.Headers;
using System.Security.Authentication;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Flow.Web;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Sends requests to the services of one cloud, with timeouts, and with retries where they are safe.</summary>
internal sealed class CloudHttp : IDisposable
{
    private const int Attempts = 5;
    private const int LongestAnswer = 64 << 20;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http;
    private readonly CloudConfig _config;
    private readonly CloudTuning _tuning;
    private readonly TimeProvider _clock;
    private long _requests;

    public CloudHttp(CloudConfig config, CloudTuning tuning, TimeProvider clock)
    {
        (_config, _tuning, _clock) = (config, tuning, clock);
        _http = new HttpClient(new SocketsHttpHandler
        {
            // A redirect would forward X-Auth-Token to another server.
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = EnvironmentProxy.Shared,
            ConnectTimeout = tuning.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = CloudTrust.Options(config),
        })
        { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
    }

    /// <summary>The number of requests sent, including retries.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Sends a request, and returns the response regardless of its status.</summary>
    /// <exception cref="KlException">CloudUnreachable, CertificateUnknown.</exception>
    public async Task<CloudAnswer> SendAsync(HttpMethod method, Uri uri, byte[]? body, IReadOnlyList<(string Name, string Value)> headers,
        CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? retryAfter;
            try
            {
                var answer = await SendOnceAsync(method, uri, body, headers, stop);
                if (attempt == Attempts || PauseAfter(method, answer, attempt) is not { } delay)
                    return answer;
                retryAfter = delay;
            }
            catch (HttpRequestException error) when (!stop.IsCancellationRequested)
            {
                retryAfter = attempt < Attempts && IsTransient(method, error) ? Pause(attempt) : throw Unreachable(uri, error);
            }
            catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
            {
                // The handler's own connect timeout has its own message.
                throw Unreachable(uri, error.InnerException as TimeoutException
                    ?? new TimeoutException($"no response within {_tuning.RequestTimeout.TotalSeconds:0} s", error));
            }
            await Task.Delay(retryAfter.Value, _clock, stop);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<CloudAnswer> SendOnceAsync(HttpMethod method, Uri uri, byte[]? body, IReadOnlyList<(string Name, string Value)> headers,
        CancellationToken stop)
    {
        using var timeout = new TimeLimit(_tuning.RequestTimeout, _clock, stop);
        using var request = new HttpRequestMessage(method, uri);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(new("KubeLab", typeof(CloudHttp).Assembly.GetName().Version!.ToString(3)));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        Interlocked.Increment(ref _requests);
        using var answer = await _http.SendAsync(request, timeout.Token);
        return new((int)answer.StatusCode, answer.Headers, await answer.Content.ReadAsByteArrayAsync(timeout.Token));
    }

    // 429, and 503 with Retry-After, mean that nothing was done. A gateway error does not, so only idempotent requests are retried.
    private TimeSpan? PauseAfter(HttpMethod method, CloudAnswer answer, int attempt)
    {
        var after = RetryAfter.Of(answer.Headers, LongestPause, _clock);
        if (!(answer.Code == 429 || answer.Code == 503 && (after is not null || IsIdempotent(method)) || answer.Code is 502 or 504 && IsIdempotent(method)))
            return null;
        return after ?? Pause(attempt);
    }

    private static bool IsTransient(HttpMethod method, HttpRequestException error) => error.HttpRequestError switch
    {
        HttpRequestError.ConnectionError => true,
        HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded => false,
        _ => IsIdempotent(method),
    };

    private static bool IsIdempotent(HttpMethod method) => method != HttpMethod.Post && method != HttpMethod.Patch;

    private TimeSpan Pause(int attempt) => _tuning.Pause * Math.Pow(2, attempt - 1);

    private KlException Unreachable(Uri uri, Exception error)
    {
        var at = uri.GetLeftPart(UriPartial.Authority);
        var why = Cause.MessageOf(error);
        // The same exception occurs if the server does not use TLS at all.
        return error.InnerException is AuthenticationException tls && tls.Message.Contains("certificate", StringComparison.Ordinal)
            ? new(ErrorIds.CertificateUnknown, KlErrorKind.Denied, _config.Name, $"{_config.Name}: the certificate of {at} is not trusted: {why}",
                $"Set cacert in {_config.Source} to the file of its certificate authority. If the name or the validity period is wrong, correct auth_url or "
                + $"the clock.", error)
            : new(ErrorIds.CloudUnreachable, KlErrorKind.Unreachable, _config.Name, $"{_config.Name}: {at} does not respond: {why}",
                $"Check the network and auth_url in {_config.Source}. Proxies are read from HTTPS_PROXY and NO_PROXY.", error);
    }
}
