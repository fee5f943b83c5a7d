using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

/// <summary>Answers that are no success, as errors a user can act on.</summary>
internal static class KubeStatus
{
    private const int LongestMessage = 8000;
    private const int MostCauses = 50;
    private const string Correct = "Correct what is named and run it again.";

    /// <summary>The error of an answer. Its inner exception is a <see cref="KubeStatusException"/>.</summary>
    public static KlException Error(int code, string body, string path) => Error(code, Parse(code, body), path);

    /// <summary>The error of a Status object.</summary>
    public static KlException Error(int code, V1Status status, string path)
    {
        var target = TargetOf(status, path);
        var (id, kind, next) = code switch
        {
            400 or 415 or 422 => (ErrorIds.KubeInvalid, KlErrorKind.InvalidData, Correct),
            // Servers before 1.21 take a field of the wrong type for a failure of their own.
            500 when status.Message?.StartsWith("failed to create typed patch object", StringComparison.Ordinal) == true => (ErrorIds.KubeInvalid, KlErrorKind.InvalidData, Correct),
            401 => (ErrorIds.KubeUnauthorized, KlErrorKind.Denied, "The credentials in the kubeconfig are not, or no longer, accepted; get new ones."),
            403 => (ErrorIds.KubeForbidden, KlErrorKind.Denied, "Ask for the permission, or use another context."),
            404 => (ErrorIds.KubeNotFound, KlErrorKind.NotFound, "Look at the name and the namespace."),
            409 when status.Reason == "AlreadyExists" => (ErrorIds.KubeExists, KlErrorKind.Exists, (string?)null),
            409 when IsOwnership(status) => (ErrorIds.KubeConflict, KlErrorKind.Exists, "Take the fields over with -Force, or leave them out."),
            409 => (ErrorIds.KubeConflict, KlErrorKind.Exists, "Someone else changes this object; look at it and run it again."),
            410 => (ErrorIds.KubeExpired, KlErrorKind.Failed, "Run it again."),
            429 => (ErrorIds.KubeBusy, KlErrorKind.Unreachable, "The API server is overloaded; run it again later."),
            502 or 503 or 504 => (ErrorIds.KubeUnavailable, KlErrorKind.Unreachable, "The API server is not up, or cannot reach what it needs; run it again later."),
            _ => (ErrorIds.KubeFailed, KlErrorKind.Failed, null),
        };
        return new(id, kind, target, Sentence(code, status, target), next, new KubeStatusException(code, status));
    }

    /// <summary>The error of a request that got no answer.</summary>
    public static KlException Unreachable(Uri server, Exception error, TimeSpan limit, string? refusal = null, Uri? proxy = null)
    {
        var target = $"{server.Scheme}://{server.Authority}";
        if (error is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } tunnel)
            return ProxyRefused(server, proxy, (int?)tunnel.StatusCode, error);
        if (Inner<AuthenticationException>(error) is { } tls)
            return new(ErrorIds.KubeUntrusted, KlErrorKind.Denied, target, $"{target}: this server is not the one the kubeconfig means: {refusal ?? tls.Message}",
                "Look whether another server answers at this address; a certificate that expired is renewed on the control plane (kubeadm certs renew all), a name is given by tls-server-name.", error);
        var why = error is OperationCanceledException ? $"no answer within {limit.TotalSeconds:0} s" : Inner<SocketException>(error)?.Message ?? Cause.Said(error);
        return proxy is null
            ? new(ErrorIds.KubeUnreachable, KlErrorKind.Unreachable, target, $"{target}: the API server does not answer: {why}",
                "Look whether the control plane's machine runs and the address in the kubeconfig is right.", error)
            : new(ErrorIds.KubeUnreachable, KlErrorKind.Unreachable, target, $"{target}: no answer through the proxy {proxy}: {why}",
                "Look whether the proxy runs and reaches the API server, or except the server in NO_PROXY.", error);
    }

    /// <summary>The error of a proxy that did not let a request through to the API server.</summary>
    public static KlException ProxyRefused(Uri server, Uri? proxy, int? code, Exception? error = null) => new(ErrorIds.KubeProxyFailed,
        code == 407 ? KlErrorKind.Denied : KlErrorKind.Unreachable, $"{proxy}",
        $"The proxy {proxy} did not reach the API server {server.Authority}: {(code is null ? Cause.Said(error!) : $"it answered {code} {(HttpStatusCode)code}.")}",
        code == 407 ? "Name the proxy with its user and password, or except the server in NO_PROXY." : "Look whether the proxy reaches the API server, or except the server in NO_PROXY.", error);

    /// <summary>Whether a connection was there and ended before an answer, as a server does that refuses a client's certificate: what a client
    /// sees of that depends on how far it had come, and is not always an error of the socket.</summary>
    public static bool IsCutOff(Exception error) => error is IOException or HttpRequestException { HttpRequestError: not (HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError) }
        && Inner<SocketException>(error) is null or { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown };

    /// <summary>Whether a request may fare better a moment later: no answer at all, or a server in trouble.</summary>
    public static bool IsPassing(Exception error) => error is KlException { ErrorId: ErrorIds.KubeUnreachable }
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
            // A proxy's page, or the API server before it is up: its text has to do.
        }
        var text = body.Trim();
        return new V1Status { Code = code, Message = text.Length == 0 ? $"HTTP {code}" : text[..Math.Min(text.Length, 300)] };
    }

    private static string Sentence(int code, V1Status status, string target)
    {
        var causes = CausesOf(status);
        if (code == 409 && IsOwnership(status))
            return $"{target}: " + string.Join("; ", causes.Select(c => $"{c.Field}: {c.Message}"));
        var message = string.IsNullOrEmpty(status.Message) ? $"HTTP {code} {status.Reason}".TrimEnd() : status.Message[..Math.Min(status.Message.Length, LongestMessage)];
        return causes.Count < 2 ? message : message + string.Concat(causes.Take(MostCauses).Select(c => $"\n  {c.Field}: {c.Message}"));
    }

    private static bool IsOwnership(V1Status status) => CausesOf(status) is { Count: > 0 } causes && causes.All(c => c.Reason == "FieldManagerConflict");

    private static List<V1StatusCause> CausesOf(V1Status status) => [.. (status.Details?.Causes ?? []).Where(cause => cause is not null)];

    private static string TargetOf(V1Status status, string path) =>
        status.Details is { Name: { Length: > 0 } name } details ? $"{details.Kind}/{name}".TrimStart('/') : string.Join('/', path.Split('?')[0].Split('/').TakeLast(2));

    private static T? Inner<T>(Exception? error) where T : Exception
    {
        for (; error is not null; error = error.InnerException)
            if (error is T found)
                return found;
        return null;
    }
}
