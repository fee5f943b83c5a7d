using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>What services answer, as errors a user can act on.</summary>
internal static partial class CloudErrors
{
    private const int Longest = 600;

    /// <summary>The error of an answer that is not good.</summary>
    /// <param name="cloud">The cloud's name.</param>
    /// <param name="asked">Service, method and path.</param>
    /// <param name="answer">The answer.</param>
    public static KlException Of(string cloud, string asked, CloudAnswer answer)
    {
        var said = Read(answer);
        var (id, kind, next) = answer.Code switch
        {
            _ when said.Reason == "OverQuota" || answer.Code is 403 or 413 && said.Message.Contains("quota", StringComparison.OrdinalIgnoreCase) =>
                (ErrorIds.QuotaExceeded, KlErrorKind.Denied, "Remove what is not needed any more, or ask the cloud's operators for more."),
            >= 300 and < 400 => (ErrorIds.CloudInvalid, KlErrorKind.InvalidInput, "Correct the address in clouds.yaml: redirections are not followed, for they would carry the token along."),
            401 => (ErrorIds.CloudDenied, KlErrorKind.Denied, "Check the credentials of the cloud in clouds.yaml."),
            403 => (ErrorIds.CloudForbidden, KlErrorKind.Denied, "Ask for a role that allows it; member is enough for servers and networks of one's own."),
            404 => (ErrorIds.CloudNotFound, KlErrorKind.NotFound, (string?)null),
            409 => (ErrorIds.CloudConflict, KlErrorKind.Exists, null),
            400 => (ErrorIds.CloudRefused, KlErrorKind.InvalidInput, null),
            429 or 503 => (ErrorIds.CloudBusy, KlErrorKind.Failed, "Run it again later: it carries on where it stopped."),
            _ => (ErrorIds.CloudFailed, KlErrorKind.Failed, "Give the request id to the cloud's operators if it happens again."),
        };
        return new(id, kind, cloud, $"{cloud}: {asked} was answered {answer.Code}: {said.Message}{Suffix(answer)}", next, said);
    }

    /// <summary>An answer that is good but not what the API promises.</summary>
    public static KlException Strange(string cloud, string asked, CloudAnswer answer, string what, Exception? inner = null) => new(
        ErrorIds.CloudFailed, KlErrorKind.Failed, cloud, $"{cloud}: {asked} was answered {answer.Code}, but {what}{Suffix(answer)}.",
        "Check that the address is OpenStack's own, not that of a proxy or login page.", inner);

    /// <summary>The service's own words.</summary>
    public static CloudStatusException Read(CloudAnswer answer)
    {
        var json = answer.Json();
        // {"badRequest": {"message"}}, {"NeutronError": {"type", "message"}}, {"error": {"title", "message"}}, {"errors": [{"title", "detail"}]}
        var (name, inner) = json is JsonObject all
            ? all.FirstOrDefault(one => one.Value is JsonObject part && part.ContainsKey("message")) : default;
        var first = inner as JsonObject ?? (json as JsonObject)?["errors"] switch { JsonArray { Count: > 0 } many => many[0] as JsonObject, _ => json as JsonObject };
        var message = Text(first?["message"]) ?? Text(first?["detail"]) ?? Plain(answer.Body);
        return new(answer.Code, Text(first?["type"]) ?? Text(first?["title"]) ?? name, message.Length > Longest ? message[..Longest] + "..." : message, answer.RequestId);
    }

    private static string Suffix(CloudAnswer answer) => answer.RequestId is { } id ? $" (request {id})" : "";

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>().Trim() : null;

    // Glance and proxies answer in HTML.
    private static string Plain(byte[] body) => Spaces().Replace(Tags().Replace(Encoding.UTF8.GetString(body), " "), " ").Trim() is { Length: > 0 } text ? text : "(nothing)";

    [GeneratedRegex("<head>.*?</head>|<[^>]*>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
