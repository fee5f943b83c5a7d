using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>One service of a cloud. Paths are relative to its endpoint. Interpolated values are escaped.</summary>
/// <remarks>Every method throws <see cref="KlException"/>: CloudDenied (401), CloudForbidden, CloudNotFound, CloudConflict (409), CloudRefused (400),
/// QuotaExceeded, CloudBusy (429 or 503 for too long), CloudFailed, CloudServiceNotFound, and the errors of the login.
/// 429 and 503 with Retry-After are retried. Idempotent requests are also retried after a lost connection.</remarks>
public sealed class OpenStackService
{
    private readonly OpenStackCloud _cloud;
    private readonly ServiceEndpoint _endpoint;

    internal OpenStackService(OpenStackCloud cloud, ServiceEndpoint endpoint) => (_cloud, _endpoint) = (cloud, endpoint);

    /// <summary>The service type, for example compute.</summary>
    public string Type => _endpoint.Type;

    /// <summary>The microversion of requests: the newest that both the service and KubeLab support. Null: none.</summary>
    public async Task<Microversion?> MicroversionAsync(CancellationToken stop) => (await _endpoint.FindAsync(stop)).Microversion;

    /// <summary>Whether the microversion is at minimum <paramref name="minimum"/>.</summary>
    public async Task<bool> SupportsAsync(Microversion minimum, CancellationToken stop) => await MicroversionAsync(stop) >= minimum;

    /// <summary>Reads the value of <paramref name="key"/> in a response, or the whole response if the key is empty.</summary>
    public async Task<T> GetAsync<T>(FormattableString path, string key, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Get, path, null, stop);
        return Unwrap<T>(answer, path, key);
    }

    /// <summary>Like <see cref="GetAsync"/>, but null if it does not exist.</summary>
    public async Task<T?> FindAsync<T>(FormattableString path, string key, CancellationToken stop)
        where T : class
    {
        try
        {
            return await GetAsync<T>(path, key, stop);
        }
        catch (KlException error) when (error.Answer() is { Code: 404 })
        {
            return null;
        }
    }

    /// <summary>Reads a list, page by page.</summary>
    public async IAsyncEnumerable<T> ListAsync<T>(FormattableString path, string key, [EnumeratorCancellation] CancellationToken stop)
    {
        var (next, seen) = (Escape(path), new HashSet<string>());
        while (next is not null)
        {
            if (!seen.Add(next))
                throw new KlException(ErrorIds.CloudFailed, KlErrorKind.Failed, _cloud.Config.Name,
                    $"{_cloud.Config.Name}: the pages of {Type} {next} refer to each other in a loop.");
            var answer = await SendAsync(HttpMethod.Get, next, null, stop);
            foreach (var item in Unwrap<JsonArray>(answer, path, key))
                // Each key pair is wrapped separately.
                yield return Read<T>(item is JsonObject { Count: 1 } one && one.First().Value is JsonObject inner ? inner : item!, path, answer);
            next = Pages.Next(answer.Json()!, key, next);
        }
    }

    /// <summary>Posts a body wrapped in <paramref name="key"/>, and reads the response in the same way.</summary>
    public Task<T> PostAsync<T>(FormattableString path, string key, object body, CancellationToken stop) =>
        PostAsync<T>(path, key, body, new Dictionary<string, object>(), stop);

    /// <summary>Posts a wrapped body with additional properties beside it, for example os:scheduler_hints beside a server.</summary>
    public async Task<T> PostAsync<T>(FormattableString path, string key, object body, IReadOnlyDictionary<string, object> siblings, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Post, path, key.Length == 0 ? body : new Dictionary<string, object>(siblings) { [key] = body }, stop);
        return Unwrap<T>(answer, path, key);
    }

    /// <summary>Posts a body, and ignores the content of the response.</summary>
    public Task PostAsync(FormattableString path, object body, CancellationToken stop) => SendAsync(HttpMethod.Post, path, body, stop);

    /// <summary>Puts a body wrapped in <paramref name="key"/>, and reads the response in the same way.</summary>
    public async Task<T> PutAsync<T>(FormattableString path, string key, object body, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Put, path, new Dictionary<string, object> { [key] = body }, stop);
        return Unwrap<T>(answer, path, key);
    }

    /// <summary>Puts a body, and ignores the content of the response.</summary>
    public Task PutAsync(FormattableString path, object? body, CancellationToken stop) => SendAsync(HttpMethod.Put, path, body, stop);

    /// <summary>Deletes a resource.</summary>
    /// <returns>False if it does not exist.</returns>
    public async Task<bool> DeleteAsync(FormattableString path, CancellationToken stop)
    {
        try
        {
            await SendAsync(HttpMethod.Delete, path, null, stop);
            return true;
        }
        catch (KlException error) when (error.Answer() is { Code: 404 })
        {
            return false;
        }
    }

    /// <summary>Retries an operation while the service responds with 409, for resources that are in use until another removal has completed.</summary>
    /// <param name="work">The operation.</param>
    /// <param name="timeout">The timeout. The 409 is then thrown.</param>
    /// <param name="stop">Cancels the operation.</param>
    public Task<T> WhileBusyAsync<T>(Func<CancellationToken, Task<T>> work, TimeSpan timeout, CancellationToken stop) =>
        _cloud.WhileBusyAsync(work, timeout, stop);

    private static string Escape(FormattableString path) =>
        string.Format(CultureInfo.InvariantCulture, path.Format,
            [.. path.GetArguments().Select(one => Uri.EscapeDataString(Convert.ToString(one, CultureInfo.InvariantCulture) ?? ""))]);

    private Task<CloudAnswer> SendAsync(HttpMethod method, FormattableString path, object? body, CancellationToken stop) =>
        SendAsync(method, Escape(path), body, stop);

    private async Task<CloudAnswer> SendAsync(HttpMethod method, string path, object? body, CancellationToken stop)
    {
        var at = await _endpoint.FindAsync(stop);
        var answer = await _cloud.SendAsync(method, Keystone.Append(at.Base, path), body is null ? null : CloudJson.Write(body), at.Headers, stop);
        return answer.IsSuccess ? answer : throw CloudErrors.Of(_cloud.Config.Name, $"{Type} {method} {path}", answer);
    }

    private T Unwrap<T>(CloudAnswer answer, FormattableString path, string key) =>
        (key.Length == 0 ? answer.Json() : (answer.Json() as JsonObject)?[key]) is { } found ? Read<T>(found, path, answer)
            : throw CloudErrors.Unexpected(_cloud.Config.Name, $"{Type} {path}", answer, key.Length == 0 ? "the response is not JSON"
            : $"the response contains no '{key}'");

    private T Read<T>(JsonNode node, FormattableString path, CloudAnswer answer)
    {
        try
        {
            return node is T same ? same : node.Deserialize<T>(CloudJson.Read)!;
        }
        catch (JsonException error)
        {
            throw CloudErrors.Unexpected(_cloud.Config.Name, $"{Type} {path}", answer, $"{error.Path} does not conform to the API", error);
        }
    }
}
