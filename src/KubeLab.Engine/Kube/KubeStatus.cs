using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

/// <summary>Converts unsuccessful responses to errors that a user can act on.</summary>
internal static class KubeStatus
{
    private const int MaxMessageLength = 8000;
    private const int MaxCauses = 50;
    private const string CorrectInput = "Correct the fields named in the message and run the command again.";

    /// <summary>The error of a response. Its inner exception is a <see cref="KubeStatusException"/>.</summary>
    public static KlException Error(int code, string body, string path) => Error(code, Parse(code, body), path);

    /// <summary>The error of a Status object.</summary>
    public static KlException Error(int code, V1Status status, string path)
    {
        var target = TargetOf(status, path);
        var (id, kind, next) = code switch
        {
            400 or 415 or 422 => (ErrorIds.KubeInvalid, KlErrorKind.InvalidData, CorrectInput),
            // Servers before 1.21 report a field of the wrong type as an internal error.
            500 when status.Message?.StartsWith("failed to create typed patch object", StringComparison.Ordinal) == true =>
                (ErrorIds.KubeInvalid, KlErrorKind.InvalidData, CorrectInput),
            401 => (ErrorIds.KubeUnauthorized, KlErrorKind.Denied, "The credentials in the kubeconfig are invalid or expired. Get new ones."),
            403 => (ErrorIds.KubeForbidden, KlErrorKind.Denied, "Request the permission, or use another context."),
            404 => (ErrorIds.KubeNotFound, KlErrorKind.NotFound, "Check the name and the namespace."),
            409 when status.Reason == "AlreadyExists" => (ErrorIds.KubeExists, KlErrorKind.Exists, (string?)null),
            409 when IsOwnership(status) => (ErrorIds.KubeConflict, KlErrorKind.Exists, "Use -Force to take over the fields, or omit them."),
            409 => (ErrorIds.KubeConflict, KlErrorKind.Exists, "The object was changed at the same time. Check it and run the command again."),
            410 => (ErrorIds.KubeExpired, KlErrorKind.Failed, "Run the command again."),
            429 => (ErrorIds.KubeBusy, KlErrorKind.Unreachable, "The API server is overloaded. Run the command again later."),
            502 or 503 or 504 =>
            (ErrorIds.KubeUnavailable, KlErrorKind.Unreachable, "The API server, or a service that it needs, is unavailable. Run the command again later."),
            _ => (ErrorIds.KubeFailed, KlErrorKind.Failed, null),
        };
        return new(id, kind, target, MessageOf(code, status, target), next, new KubeStatusException(code, status));
    }

    /// <summary>The error of a request without a response.</summary>
    public static KlException Unreachable(Uri server, Exception error, TimeSpan limit, string? refusal = null, Uri? proxy = null)
    {
        var target = $"{server.Scheme}://{server.Authority}";
        if (error is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } tunnel)
            return ProxyRefused(server, proxy, (int?)tunnel.StatusCode, error);
        if (Inner<AuthenticationException>(error) is { } tls)
            return new(ErrorIds.KubeUntrusted, KlErrorKind.Denied, target, $"{target}: the server's certificate is not trusted: {refusal ?? tls.Message}",
                "Check that the address belongs to the expected server. Renew an expired certificate on the control plane (kubeadm certs renew all). "
                + "If the certificate has another name, set tls-server-name.", error);
        var why = error is OperationCanceledException ? $"no response within {limit.TotalSeconds:0} s"
            : Inner<SocketException>(error)?.Message ?? Cause.MessageOf(error);
        return proxy is null
            ? new(ErrorIds.KubeUnreachable, KlErrorKind.Unreachable, target, $"{target}: the API server does not respond: {why}",
                "Check that the control plane machine is running and that the address in the kubeconfig is correct.", error)
            : new(ErrorIds.KubeUnreachable, KlErrorKind.Unreachable, target, $"{target}: no response through the proxy {proxy}: {why}",
                "Check that the proxy is running and can reach the API server, or add the server to NO_PROXY.", error);
    }

    /// <summary>The error of a proxy that did not forward a request to the API server.</summary>
    public static KlException ProxyRefused(Uri server, Uri? proxy, int? code, Exception? error = null) => new(ErrorIds.KubeProxyFailed,
        code == 407 ? KlErrorKind.Denied : KlErrorKind.Unreachable, $"{proxy}",
        $"The proxy {proxy} did not forward the request to the API server {server.Authority}: "
        + $"{(code is null ? Cause.MessageOf(error!) : $"it responded with {code} {(HttpStatusCode)code}.")}",
        code == 407 ? "Add a user and password to the proxy URL, or add the server to NO_PROXY."
        : "Check that the proxy can reach the API server, or add the server to NO_PROXY.", error);

    /// <summary>Whether an established connection ended before a response, as when a server rejects a client certificate. The exception depends on how
    /// far the handshake got, and is not always a socket error.</summary>
    public static bool IsConnectionReset(Exception error) =>
        error is IOException or HttpRequestException { HttpRequestError: not (HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError) }
        && Inner<SocketException>(error) is null or { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown };

    /// <summary>Whether a retry may succeed: there was no response, or the server reported a temporary problem.</summary>
    public static bool IsTransient(Exception error) => error is KlException { ErrorId: ErrorIds.KubeUnreachable }
        or KlException { ErrorId: ErrorIds.KubeProxyFailed, Kind: KlErrorKind.Unreachable }
        or KlException { InnerException: KubeStatusException { Code: 429 or >= 500 } or JsonException };

    private static V1Status Parse(int code, string body)
    {
        try
        {
            if (KubernetesJson.Deserialize<V1Status>(body) is { Kind: "Status" } status)
                return status;
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            // A proxy's page, or an API server that is still starting: its text becomes the message.
        }
        var text = body.Trim();
        return new V1Status { Code = code, Message = text.Length == 0 ? $"HTTP {code}" : text[..Math.Min(text.Length, 300)] };
    }

    private static string MessageOf(int code, V1Status status, string target)
    {
        var causes = CausesOf(status);
        if (code == 409 && IsOwnership(status))
            return $"{target}: " + string.Join("; ", causes.Select(c => $"{c.Field}: {c.Message}"));
        var message = string.IsNullOrEmpty(status.Message) ? $"HTTP {code} {status.Reason}".TrimEnd()
            : status.Message[..Math.Min(status.Message.Length, MaxMessageLength)];
        return causes.Count < 2 ? message : message + string.Concat(causes.Take(MaxCauses).Select(c => $"\n  {c.Field}: {c.Message}"));
    }

    private static bool IsOwnership(V1Status status) => CausesOf(status) is { Count: > 0 } causes && causes.All(c => c.Reason == "FieldManagerConflict");

    private static List<V1StatusCause> CausesOf(V1Status status) => [.. (status.Details?.Causes ?? []).Where(cause => cause is not null)];

    private static string TargetOf(V1Status status, string path) =>
        status.Details is { Name: { Length: > 0 } name } details ? $"{details.Kind}/{name}".TrimStart('/')
            : string.Join('/', path.Split('?')[0].Split('/').TakeLast(2));

    private static T? Inner<T>(Exception? error) where T : Exception
    {
        for (; error is not null; error = error.InnerException)
            if (error is T found)
                return found;
        return null;
    }
}
