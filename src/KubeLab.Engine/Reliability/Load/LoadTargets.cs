namespace KubeLab.Engine.Reliability.Load;

/// <summary>Finds the addresses to which requests are sent.</summary>
public static class LoadTargets
{
    private const string Tcp = "tcp";

    /// <summary>The addresses of a service: its URLs, or its TCP ports if it does not use HTTP.</summary>
    /// <exception cref="KlException">EndpointNotFound.</exception>
    public static IReadOnlyList<Uri> UrlsOf(KlService service) =>
        service.Urls.Count > 0 ? [.. service.Urls.Select(url => new Uri(url))]
        : service.Addresses.Count > 0 ? [.. service.Addresses.Select(address => new Uri($"{Tcp}://{address}"))]
        : throw new KlException(ErrorIds.EndpointNotFound, KlErrorKind.InvalidInput, service.Name, $"Service '{service.Name}' has no TCP address.",
            "Expose it with the type NodePort or LoadBalancer.");

    /// <summary>Endpoints for URLs with the scheme http, https or tcp.</summary>
    /// <param name="urls">The URLs.</param>
    /// <param name="path">The path of HTTP requests, or null for that of the URL.</param>
    /// <param name="http">Sends HTTP requests.</param>
    /// <exception cref="KlException">EndpointInvalid.</exception>
    public static IReadOnlyList<LoadEndpoint> EndpointsOf(IEnumerable<Uri> urls, string? path, HttpProbe http) =>
        [.. urls.Distinct().Select(url => EndpointOf(url, path, http))];

    private static LoadEndpoint EndpointOf(Uri url, string? path, HttpProbe http)
    {
        if (url.IsAbsoluteUri && url.Scheme == Tcp && url.Port > 0)
            return new(url.OriginalString, stop => TcpProbe.ConnectAsync(url, stop));
        if (!url.IsAbsoluteUri || url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            throw new KlException(ErrorIds.EndpointInvalid, KlErrorKind.InvalidInput, url.OriginalString,
                $"'{url.OriginalString}' is not a valid address.", "Specify a URL, such as http://10.0.0.1:30080/ or tcp://10.0.0.1:5432.");
        var at = path is null ? url : new UriBuilder(url) { Path = path.Split('?')[0], Query = path.Split('?', 2).ElementAtOrDefault(1) }.Uri;
        return new(at.ToString(), stop => http.SendAsync(at, stop));
    }
}
