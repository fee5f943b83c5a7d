using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Converts responses of services to errors that a user can act on.</summary>
internal static partial class CloudErrors
{
    private const int MaxLength = 600;

    /// <summary>The error of an unsuccessful response.</summary>
    /// <param name="cloud">The cloud's name.</param>
    /// <param name="request">Service, method and path.</param>
    /// <param name="answer">The response.</param>
    public static KlException Of(string cloud, string request, CloudAnswer answer)
    {
        var status = Read(answer);
        var (id, kind, next) = answer.Code switch
        {
            _ when status.Reason == "OverQuota" || answer.Code is 403 or 413 && status.Message.Contains("quota", StringComparison.OrdinalIgnoreCase) =>
                (ErrorIds.QuotaExceeded, KlErrorKind.Denied, "Delete unused resources, or ask the cloud's operators for a higher quota."),
            >= 300 and < 400 => (ErrorIds.CloudInvalid, KlErrorKind.InvalidInput,
                "Correct the URL in clouds.yaml. Redirects are not followed, because they would forward the token."),
            401 => (ErrorIds.CloudDenied, KlErrorKind.Denied, "Check the credentials of the cloud in clouds.yaml."),
            403 => (ErrorIds.CloudForbidden, KlErrorKind.Denied, "Request a role that permits it. The role member is sufficient for servers and networks."),
            404 => (ErrorIds.CloudNotFound, KlErrorKind.NotFound, (string?)null),
            409 => (ErrorIds.CloudConflict, KlErrorKind.Exists, null),
            400 => (ErrorIds.CloudRefused, KlErrorKind.InvalidInput, null),
            429 or 503 => (ErrorIds.CloudBusy, KlErrorKind.Failed, "Run the command again later. It continues where it stopped."),
            _ => (ErrorIds.CloudFailed, KlErrorKind.Failed, "If it happens again, report the request ID to the cloud's operators."),
        };
        return new(id, kind, cloud, $"{cloud}: {request} failed with status {answer.Code}: {status.Message}{Suffix(answer)}", next, status);
    }

    /// <summary>The error of a successful response that does not conform to the API.</summary>
    public static KlException Unexpected(string cloud, string request, CloudAnswer answer, string what, Exception? inner = null) => new(
        ErrorIds.CloudFailed, KlErrorKind.Failed, cloud, $"{cloud}: {request} returned status {answer.Code}, but {what}{Suffix(answer)}.",
        "Check that the URL is that of OpenStack, and not of a proxy or login page.", inner);

    /// <summary>The service's own message.</summary>
    public static CloudStatusException Read(CloudAnswer answer)
    {
        var json = answer.Json();
        // {"badRequest": {"message"}}, {"NeutronError": {"type", "message"}}, {"error": {"title", "message"}}, {"errors": [{"title", "detail"}]}
        var (name, inner) = json is JsonObject all
            ? all.FirstOrDefault(one => one.Value is JsonObject part && part.ContainsKey("message")) : default;
        var first = inner as JsonObject ?? (json as JsonObject)?["errors"] switch
        {
            JsonArray { Count: > 0 } many =>
            many[0] as JsonObject,
            _ => json as JsonObject
        };
        var message = Text(first?["message"]) ?? Text(first?["detail"]) ?? Plain(answer.Body);
        return new(answer.Code, Text(first?["type"]) ?? Text(first?["title"]) ?? name,
            message.Length > MaxLength ? message[..MaxLength] + "..." : message, answer.RequestId);
    }

    private static string Suffix(CloudAnswer answer) => answer.RequestId is { } id ? $" (request {id})" : "";

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>().Trim() : null;

    // Glance and proxies respond with HTML.
    private static string Plain(byte[] body) => Spaces().Replace(Tags().Replace(Encoding.UTF8.GetString(body), " "), " ").Trim() is { Length: > 0 } text
        ? text : "(no message)";

    [GeneratedRegex("<head>.*?</head>|<[^>]*>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
