using System.Net.Sockets;
using System.Security.Authentication;

namespace KubeLab.Engine.Reliability.Load;

/// <summary>Names why a request failed.</summary>
public static class FailureReason
{
    /// <summary>The connection was refused.</summary>
    public const string Refused = "Refused";

    /// <summary>The connection was closed before the response was complete.</summary>
    public const string Reset = "Reset";

    /// <summary>There was no complete response before the timeout.</summary>
    public const string TimedOut = "TimedOut";

    /// <summary>No route leads to the address.</summary>
    public const string Unreachable = "Unreachable";

    /// <summary>The name has no address, or the DNS server does not respond.</summary>
    public const string NameNotResolved = "NameNotResolved";

    /// <summary>The TLS handshake failed, or the certificate is not valid.</summary>
    public const string TlsFailed = "TlsFailed";

    /// <summary>The response is not valid HTTP.</summary>
    public const string InvalidResponse = "InvalidResponse";

    /// <summary>The response does not contain the expected text.</summary>
    public const string WrongContent = "WrongContent";

    /// <summary>The request was due but not sent, because too many requests were waiting.</summary>
    public const string NotSent = "NotSent";

    /// <summary>The reason for an exception. It depends on types and codes only, because messages differ between systems.</summary>
    public static string Of(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
            if (Known(cause) is { } reason)
                return reason;
        var name = error.GetBaseException().GetType().Name;
        return name.EndsWith(nameof(Exception), StringComparison.Ordinal) && name.Length > nameof(Exception).Length ? name[..^nameof(Exception).Length] : name;
    }

    private static string? Known(Exception error) => error switch
    {
        SocketException socket => OfSocket(socket.SocketErrorCode),
        OperationCanceledException or TimeoutException => TimedOut,
        AuthenticationException => TlsFailed,
        HttpRequestException { HttpRequestError: var code } => OfHttp(code),
        HttpIOException { HttpRequestError: var code } => OfHttp(code),
        KlException known => known.ErrorId,
        _ => null,
    };

    private static string? OfHttp(HttpRequestError code) => code switch
    {
        HttpRequestError.NameResolutionError => NameNotResolved,
        HttpRequestError.SecureConnectionError => TlsFailed,
        HttpRequestError.ResponseEnded => Reset,
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded => InvalidResponse,
        _ => null,
    };

    private static string OfSocket(SocketError code) => code switch
    {
        SocketError.ConnectionRefused => Refused,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => Reset,
        SocketError.TimedOut => TimedOut,
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery => NameNotResolved,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown => Unreachable,
        _ => code.ToString(),
    };
}
