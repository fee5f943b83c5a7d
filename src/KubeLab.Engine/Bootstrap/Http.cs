using KubeLab.Engine.Flow.Web;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The HTTP client for mirrors and upstream.</summary>
internal static class Http
{
    /// <summary>The shared client. It uses the proxy environment variables.</summary>
    public static HttpClient Shared { get; } = new(new SocketsHttpHandler { Proxy = EnvironmentProxy.Shared }) { Timeout = Timeout.InfiniteTimeSpan };
}
