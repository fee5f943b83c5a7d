using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Flow.Web;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // Like client-go (rest/with_retry.go): up to ten retries if the server sends Retry-After.
    private const int MaxRetries = 10;
    private const int MaxTextLength = 8 << 20;
    private const long MaxResponseLength = 256 << 20;
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request and deserializes the response as a model or a JsonNode.</summary>
    /// <param name="method">GET, POST, ...</param>
    /// <param name="path">Path and query, without a leading slash.</param>
    /// <param name="body">Creates the body; called once per attempt.</param>
    /// <param name="stop">Cancels the operation.</param>
    internal Task<T> SendAsync<T>(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken stop) =>
        SendAsync(method, path, body, async (content, token) =>
        {
            await using var stream = new BoundedStream(await content.ReadAsStreamAsync(token), MaxResponseLength, path);
            try
            {
                return await JsonSerializer.DeserializeAsync<T>(stream, JsonOptions, token) ?? throw Unexpected(path, "null", null);
            }
            catch (JsonException error)
            {
                throw Unexpected(path, $"an unexpected body: {error.Message}", error);
            }
        }, stop);

    private static KlException Unexpected(string path, string what, Exception? error) =>
        new(ErrorIds.KubeFailed, KlErrorKind.Failed, path, $"The response of the server to {path.Split('?')[0]} was {what}",
            "Check that the server in the kubeconfig is an API server.", error);

    private async Task<T> SendAsync<T>(HttpMethod method, string path, Func<HttpContent>? body,
        Func<HttpContent, CancellationToken, Task<T>> read, CancellationToken stop)
    {
        for (var tries = 0; ; tries++)
        {
            using var limit = new TimeLimit(_clock, stop);
            TimeSpan pause;
            try
            {
                using var answer = await AskAsync(method, path, body, limit);
                if (answer.IsSuccessStatusCode)
                    return await read(answer.Content, limit.Token);
                if (answer.StatusCode == HttpStatusCode.Forbidden && tries == 0 && await HasStartedAsync(stop))
                    continue;
                pause = PauseAfter(answer) is { } asked && tries < MaxRetries ? asked : throw await RefusedAsync(answer, path, limit);
            }
            catch (Exception error) when (IsNoAnswer(error) && !stop.IsCancellationRequested)
            {
                throw NoAnswer(error);
            }
            await Task.Delay(pause, _clock, stop);
        }
    }

    /// <summary>Opens a streaming response, or a WebSocket with one of these protocols. The timeout covers its headers, not its body.</summary>
    private async Task<HttpResponseMessage> StreamAsync(string path, CancellationToken stop, params string[] protocols)
    {
        for (var tries = 0; ; tries++)
        {
            using var limit = new TimeLimit(_clock, stop);
            try
            {
                var answer = await AskAsync(HttpMethod.Get, path, null, limit, protocols);
                if (protocols.Length > 0 ? answer.StatusCode == HttpStatusCode.SwitchingProtocols : answer.IsSuccessStatusCode)
                    return answer;
                using (answer)
                    if (answer.StatusCode != HttpStatusCode.Forbidden || tries > 0 || !await HasStartedAsync(stop))
                        throw await RefusedAsync(answer, path, limit);
            }
            catch (Exception error) when (IsNoAnswer(error) && !stop.IsCancellationRequested)
            {
                throw NoAnswer(error);
            }
        }
    }

    /// <summary>Sends a request, and a second time with new credentials if the first were rejected.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, Func<HttpContent>? body, TimeLimit limit, params string[] protocols)
    {
        for (var isLast = false; ; isLast = true)
        {
            // A credential plugin may wait for a user to log in. The request timeout must not include that.
            var credentials = await _connection.AuthorizeAsync(limit.Stop);
            limit.Restart(RequestTimeout);
            var answer = await _connection.SendAsync(path, target => Request(method, target, body?.Invoke(), protocols), credentials, limit.Token);
            ReportWarnings(answer);
            if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.SwitchingProtocols)
                _connection.AcceptedAt = _clock.GetTimestamp();
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

    /// <summary>The error of an unsuccessful response.</summary>
    private async Task<KlException> RefusedAsync(HttpResponseMessage answer, string path, TimeLimit limit) =>
        Refused((int)answer.StatusCode, await HeadAsync(answer.Content, MaxTextLength, limit.Token), path);

    /// <summary>Reads a text up to a maximum length.</summary>
    private static async Task<string> HeadAsync(HttpContent content, int most, CancellationToken stop)
    {
        await using var stream = await content.ReadAsStreamAsync(stop);
        var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int count; text.Length < most && (count = await stream.ReadAsync(buffer, stop)) > 0;)
            await text.WriteAsync(buffer.AsMemory(0, count), stop);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    // Warning headers of the server (RFC 7234, 5.5), each reported once.
    private void ReportWarnings(HttpResponseMessage answer)
    {
        if (answer.Headers.NonValidated.TryGetValues("Warning", out var values) && LabEvents.Current is { } events)
            foreach (var text in KubeWarning.Read(values).Where(text => _reported.TryAdd(text, true)))
                events.Warning(Cluster, text);
    }

    private TimeSpan? PauseAfter(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError ? RetryAfter.Of(answer.Headers, MaxPause, _clock) : null;

    internal static bool IsNoAnswer(Exception error) => error is HttpRequestException or IOException or OperationCanceledException;

    private static JsonNode Node<T>(T value) => JsonSerializer.SerializeToNode(value, JsonOptions)!;

    private static Func<HttpContent> Json(JsonNode body, string type = "application/json")
    {
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        return () => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
    }
}
