using System.Text;

namespace KubeLab.Engine.Flow.Web;

/// <summary>Reads texts from files and URLs.</summary>
/// <remarks>A redirect from https to http is an error. User and password in a URL are sent to its server, but not after a redirect.</remarks>
/// <param name="http">Downloads the texts. Disposed with this object.</param>
/// <param name="clock">The clock.</param>
public sealed class WebText(HttpClient http, TimeProvider clock) : IDisposable
{
    // About twenty times the size of the largest published manifests.
    private const int MaxLength = 32 * 1024 * 1024;

    /// <summary>Creates the HTTP client, which uses the proxy environment variables.</summary>
    public static HttpClient Client() => new(new SocketsHttpHandler { Proxy = EnvironmentProxy.Shared }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Whether a place is a URL.</summary>
    public static bool IsUrl(string place) => place.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || place.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>A place for messages. Passwords and tokens in a URL are omitted.</summary>
    public static string DisplayName(string place) => !IsUrl(place) ? place
        : Uri.TryCreate(place, UriKind.Absolute, out var url) ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        : "the URL";

    /// <summary>Reads a file or downloads a URL.</summary>
    /// <param name="place">The path or URL.</param>
    /// <param name="timeout">The maximum time of a download.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="IOException">The text cannot be read or is longer than 32 MiB.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="HttpRequestException">The text cannot be downloaded, or the timeout expired.</exception>
    public async Task<string> ReadAsync(string place, TimeSpan timeout, CancellationToken stop)
    {
        if (!IsUrl(place))
            return await BoundedText.OfFileAsync(place, MaxLength, stop);
        if (!Uri.TryCreate(place, UriKind.Absolute, out var url))
            throw new HttpRequestException("it is not a valid URL.");
        using var limit = new TimeLimit(timeout, clock, stop);
        try
        {
            return await DownloadAsync(url, limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException($"the download did not finish within {timeout.TotalSeconds:0} s.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<string> DownloadAsync(Uri url, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (url.UserInfo.Length > 0)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        // The client has followed all other redirects.
        var last = answer.RequestMessage?.RequestUri ?? url;
        if (last.Scheme == Uri.UriSchemeHttps && answer.Headers.Location is { IsAbsoluteUri: true, Scheme: "http" })
            throw new HttpRequestException("it redirects from https to http, which is not followed.");
        await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(stop);
        return await BoundedText.OfAsync(body, MaxLength, stop);
    }
}
