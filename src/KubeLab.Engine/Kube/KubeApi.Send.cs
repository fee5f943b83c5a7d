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
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request and reads its answer as an object of the package or a JsonNode.</summary>
    /// <param name="method">GET, POST, ...</param>
    /// <param name="path">Path and query, without a leading slash.</param>
    /// <param name="body">Makes the body, anew for each try.</param>
    /// <param name="stop">Ends it.</param>
    internal Task<T> SendAsync<T>(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken stop) =>
        SendAsync(method, path, body, async (content, token) =>
        {
            await using var stream = await content.ReadAsStreamAsync(token);
            return await JsonSerializer.DeserializeAsync<T>(stream, _json, token)
                ?? throw new KlException("KubeFailed", KlErrorKind.Failed, path, $"{path}: the server answered null.");
        }, stop);

    private async Task<T> SendAsync<T>(HttpMethod method, string path, Func<HttpContent>? body, Func<HttpContent, CancellationToken, Task<T>> read, CancellationToken stop)
    {
        for (var tries = 0; ; tries++)
        {
            using var timeout = new CancellationTokenSource(RequestTimeout, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
            TimeSpan pause;
            try
            {
                using var answer = await AskAsync(method, path, body, either.Token);
                if (answer.IsSuccessStatusCode)
                    return await read(answer.Content, either.Token);
                var said = await answer.Content.ReadAsStringAsync(either.Token);
                pause = PauseAsked(answer) is { } asked && tries < Retries ? asked : throw Refused((int)answer.StatusCode, said, path);
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
        using var timeout = new CancellationTokenSource(RequestTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            var answer = await AskAsync(HttpMethod.Get, path, null, either.Token);
            if (answer.IsSuccessStatusCode)
                return answer;
            using (answer)
                throw Refused((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(either.Token), path);
        }
        catch (Exception error) when (IsNoAnswer(error) && !stop.IsCancellationRequested)
        {
            throw NoAnswer(error);
        }
    }

    /// <summary>Asks, and once more with new credentials where the first are refused.</summary>
    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken stop, params string[] protocols)
    {
        var (answer, used) = await AskOnceAsync(method, path, body?.Invoke(), protocols, stop);
        if (answer.StatusCode != HttpStatusCode.Unauthorized || _renewable is null)
            return answer;
        answer.Dispose();
        _renewable.Renew(used);
        return (await AskOnceAsync(method, path, body?.Invoke(), protocols, stop)).Answer;
    }

    private async Task<(HttpResponseMessage Answer, AuthenticationHeaderValue? Used)> AskOnceAsync(HttpMethod method, string path, HttpContent? body, string[] protocols, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, new Uri(Client.BaseUri, path))
        {
            Content = body,
            Version = protocols.Length > 0 ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (protocols.Length > 0)
            AskForWebSocket(request.Headers, protocols);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (protocols.Length > 0 || path.Contains("/log?", StringComparison.Ordinal))
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        if (_serverName is { Length: > 0 })
            request.Headers.Host = _serverName;
        if (Client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, stop);
        var answer = await Client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        return (answer, request.Headers.Authorization);
    }

    private TimeSpan? PauseAsked(HttpResponseMessage answer)
    {
        if (answer.StatusCode is not HttpStatusCode.TooManyRequests && (int)answer.StatusCode < 500 || answer.Headers.RetryAfter is not { } after)
            return null;
        var pause = after.Delta ?? after.Date - _clock.GetUtcNow() ?? TimeSpan.Zero;
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause > LongestPause ? LongestPause : pause;
    }

    internal static bool IsNoAnswer(Exception error) => error is HttpRequestException or IOException or OperationCanceledException;

    private JsonNode Node<T>(T value) => JsonSerializer.SerializeToNode(value, _json)!;

    private static Func<HttpContent> Json(JsonNode body, string type = "application/json")
    {
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        return () => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
    }
}
