using System.Net.Http.Headers;
using System.Security.Authentication;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Requests to the services of one cloud: in finite time, and again where that is harmless.</summary>
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
            // X-Auth-Token would go along to wherever a redirection points.
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = EnvironmentProxy.Shared,
            ConnectTimeout = tuning.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = CloudTrust.Options(config),
        })
        { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
    }

    /// <summary>How many requests were sent, repetitions included.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Sends a request; whatever is answered is returned.</summary>
    /// <exception cref="KlException">CloudUnreachable, CertificateUnknown.</exception>
    public async Task<CloudAnswer> SendAsync(HttpMethod method, Uri uri, byte[]? body, IReadOnlyList<(string Name, string Value)> headers, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? again;
            try
            {
                var answer = await OnceAsync(method, uri, body, headers, stop);
                if (attempt == Attempts || PauseAsked(method, answer, attempt) is not { } asked)
                    return answer;
                again = asked;
            }
            catch (HttpRequestException error) when (!stop.IsCancellationRequested)
            {
                again = attempt < Attempts && IsPassing(method, error) ? Pause(attempt) : throw Unreachable(uri, error);
            }
            catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
            {
                // The handler's own limit, that of connecting, comes with its words.
                throw Unreachable(uri, error.InnerException as TimeoutException ?? new TimeoutException($"no answer in {_tuning.RequestTimeout.TotalSeconds:0} s", error));
            }
            await Task.Delay(again.Value, _clock, stop);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<CloudAnswer> OnceAsync(HttpMethod method, Uri uri, byte[]? body, IReadOnlyList<(string Name, string Value)> headers, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(_tuning.RequestTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        using var request = new HttpRequestMessage(method, uri);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(new("KubeLab", typeof(CloudHttp).Assembly.GetName().Version!.ToString(3)));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        Interlocked.Increment(ref _requests);
        using var answer = await _http.SendAsync(request, either.Token);
        return new((int)answer.StatusCode, answer.Headers, await answer.Content.ReadAsByteArrayAsync(either.Token));
    }

    // 429, and 503 with Retry-After, say that nothing was done; a gateway's error does not, so only what can be done twice is done again.
    private TimeSpan? PauseAsked(HttpMethod method, CloudAnswer answer, int attempt)
    {
        var after = answer.Headers.RetryAfter;
        if (!(answer.Code == 429 || answer.Code == 503 && (after is not null || IsRepeatable(method)) || answer.Code is 502 or 504 && IsRepeatable(method)))
            return null;
        var pause = after?.Delta ?? after?.Date - _clock.GetUtcNow() ?? Pause(attempt);
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause > LongestPause ? LongestPause : pause;
    }

    private static bool IsPassing(HttpMethod method, HttpRequestException error) => error.HttpRequestError switch
    {
        HttpRequestError.ConnectionError => true,
        HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded => false,
        _ => IsRepeatable(method),
    };

    private static bool IsRepeatable(HttpMethod method) => method != HttpMethod.Post && method != HttpMethod.Patch;

    private TimeSpan Pause(int attempt) => _tuning.Pause * Math.Pow(2, attempt - 1);

    private KlException Unreachable(Uri uri, Exception error)
    {
        var at = uri.GetLeftPart(UriPartial.Authority);
        var why = Cause.Said(error);
        // The same exception tells of a server that does not speak TLS at all.
        return error.InnerException is AuthenticationException tls && tls.Message.Contains("certificate", StringComparison.Ordinal)
            ? new(ErrorIds.CertificateUnknown, KlErrorKind.Denied, _config.Name, $"{_config.Name}: the certificate of {at} was not accepted: {why}",
                $"Name the file of its authority as cacert in {_config.Source}; if its name or time is what is wrong, correct auth_url or the clock.", error)
            : new(ErrorIds.CloudUnreachable, KlErrorKind.Unreachable, _config.Name, $"{_config.Name}: {at} does not answer: {why}",
                $"Check the network and auth_url in {_config.Source}; proxies are taken from HTTPS_PROXY and NO_PROXY.", error);
    }
}
