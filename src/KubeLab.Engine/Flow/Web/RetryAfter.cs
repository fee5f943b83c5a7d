using System.Net.Http.Headers;

namespace KubeLab.Engine.Flow.Web;

/// <summary>The header Retry-After (RFC 9110, 10.2.3).</summary>
internal static class RetryAfter
{
    /// <summary>The pause that a server requests, at most <paramref name="most"/>; null if it requests none.</summary>
    public static TimeSpan? Of(HttpResponseHeaders headers, TimeSpan most, TimeProvider clock)
    {
        if (headers.RetryAfter is not { } after)
            return null;
        var pause = after.Delta ?? after.Date - clock.GetUtcNow() ?? TimeSpan.Zero;
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause > most ? most : pause;
    }
}
