using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // As client-go does (rest/with_retry.go): up to ten times where the server says when to come back.
    private const int Retries = 10;
    private const int LongestText = 8 << 20;
    private const long LongestAnswer = 256 << 20;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request and reads its answer as an object of the package or a JsonNode.</summary>
    /// <param name="method">GET, POST, ...</param>
    /// <param name="path">Path and query, without a leading slash.</param>
    /// <param name="body">Makes the body, anew for each try.</param>
    /// <param name="stop">Ends it.</param>
    internal Task<T> SendAsync<T>(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken stop) =>
        SendAsync(method, path, body, async (content, token) =>
        {
            await using var stream = new BoundedStream(await content.ReadAsStreamAsync(token), LongestAnswer, path);
            try
            {
                return await JsonSerializer.DeserializeAsync<T>(stream, JsonOptions, token) ?? throw Odd(path, "null", null);
            }
            catch (JsonException error)
            {
                throw Odd(path, $"something that is not what was asked for: {error.Message}", error);
            }
        }, stop);

    private static KlException Odd(string path, string what, Exception? error) =>
        new(ErrorIds.KubeFailed, KlErrorKind.Failed, path, $"The server answered {path.Split('?')[0]} with {what}", "Look whether the server in the kubeconfig is an API server.", error);

    private async Task<T> SendAsync<T>(HttpMethod method, string path, Func<HttpContent>? body, Func<HttpContent, CancellationToken, Task<T>> read, CancellationToken stop)
    {
        for (var tries = 0; ; tries++)
        {
            using var limit = new Limit(RequestTimeout, _clock, stop);
            TimeSpan pause;
            try
            {
                using var answer = await AskAsync(method, path, body, limit);
                if (answer.IsSuccessStatusCode)
                {
                    _hasSucceeded = true;
                    return await read(answer.Content, limit.Token);
                }
                if (answer.StatusCode == HttpStatusCode.Forbidden && tries == 0 && await HasStartedAsync(stop))
                    continue;
                pause = PauseAsked(answer) is { } asked && tries < Retries ? asked : throw await RefusedAsync(answer, path, limit);
            }
            catch (Exception error) when (IsNoAnswer(error) && !stop.IsCancellationRequested)
            {
                throw NoAnswer(error);
            }
            await Task.Delay(pause, _clock, stop);
        }
    }

    /// <summary>Opens an answer that streams: its headers have to come in time, its body may take for ever.</summary>
    private async Task<HttpResponseMessage> StreamAsync(string path, CancellationToken stop)
    {
        using var limit = new Limit(RequestTimeout, _clock, stop);
        try
        {
            var answer = await AskAsync(HttpMethod.Get, path, null, limit);
            if (answer.IsSuccessStatusCode)
                return answer;
            using (answer)
                throw await RefusedAsync(answer, path, limit);
        }
        catch (Exception error) when (IsNoAnswer(error) && !stop.IsCancellationRequested)
        {
            throw NoAnswer(error);
        }
    }

    /// <summary>Asks, and once more with new credentials where the first are refused.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, Func<HttpContent>? body, Limit limit, params string[] protocols)
    {
        for (var isLast = false; ; isLast = true)
        {
            // A program that gives them may wait for someone to log in: that is not the server's time.
            var credentials = await _connection.AuthorizeAsync(limit.Stop);
            limit.Begin();
            var answer = await _connection.SendAsync(path, target => Request(method, target, body?.Invoke(), protocols), credentials, limit.Token);
            Tell(answer);
            if (answer.StatusCode != HttpStatusCode.Unauthorized || isLast || !_connection.Renew(credentials))
                return answer;
            answer.Dispose();
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, Uri target, HttpContent? body, string[] protocols)
    {
        var request = new HttpRequestMessage(method, target)
        {
            Content = body,
            Version = protocols.Length > 0 ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.UserAgent.Add(new("kubelab", null));
        if (protocols.Length > 0)
            AskForWebSocket(request.Headers, protocols);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (protocols.Length > 0 || target.AbsolutePath.EndsWith("/log", StringComparison.Ordinal))
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        return request;
    }

    /// <summary>The error of an unsuccessful answer.</summary>
    private async Task<KlException> RefusedAsync(HttpResponseMessage answer, string path, Limit limit) =>
        Refused((int)answer.StatusCode, await HeadAsync(answer.Content, LongestText, limit.Token), path);

    /// <summary>A text, or its beginning where it is longer than anyone reads.</summary>
    private static async Task<string> HeadAsync(HttpContent content, int most, CancellationToken stop)
    {
        await using var stream = await content.ReadAsStreamAsync(stop);
        var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int count; text.Length < most && (count = await stream.ReadAsync(buffer, stop)) > 0;)
            await text.WriteAsync(buffer.AsMemory(0, count), stop);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    // What the server has to say besides its answer (RFC 7234, 5.5), once.
    private void Tell(HttpResponseMessage answer)
    {
        if (answer.Headers.NonValidated.TryGetValues("Warning", out var values) && LabEvents.Current is { } events)
            foreach (var text in KubeWarning.Read(values).Where(text => _told.TryAdd(text, true)))
                events.Warning(Cluster, text);
    }

    private TimeSpan? PauseAsked(HttpResponseMessage answer)
    {
        if (answer.StatusCode is not HttpStatusCode.TooManyRequests && (int)answer.StatusCode < 500 || answer.Headers.RetryAfter is not { } after)
            return null;
        var pause = after.Delta ?? after.Date - _clock.GetUtcNow() ?? TimeSpan.Zero;
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause > LongestPause ? LongestPause : pause;
    }

    internal static bool IsNoAnswer(Exception error) => error is HttpRequestException or IOException or OperationCanceledException;

    private static JsonNode Node<T>(T value) => JsonSerializer.SerializeToNode(value, JsonOptions)!;

    private static Func<HttpContent> Json(JsonNode body, string type = "application/json")
    {
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        return () => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
    }

    /// <summary>How long one request may take, from when its credentials are there.</summary>
    private sealed class Limit(TimeSpan time, TimeProvider clock, CancellationToken stop) : IDisposable
    {
        private readonly CancellationTokenSource _late = new(Timeout.InfiniteTimeSpan, clock);
        private CancellationTokenSource? _either;

        public CancellationToken Stop { get; } = stop;

        public CancellationToken Token => (_either ??= CancellationTokenSource.CreateLinkedTokenSource(Stop, _late.Token)).Token;

        public void Begin() => _late.CancelAfter(time);

        public void Dispose()
        {
            _either?.Dispose();
            _late.Dispose();
        }
    }
}
