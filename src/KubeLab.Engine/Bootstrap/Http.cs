using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Bootstrap;

/// <summary>One HTTP client for what is fetched from mirrors and upstream.</summary>
internal static class Http
{
    /// <summary>The client; proxies as the environment says.</summary>
    public static HttpClient Shared { get; } = new(new SocketsHttpHandler { Proxy = EnvironmentProxy.Shared }) { Timeout = Timeout.InfiniteTimeSpan };
}
