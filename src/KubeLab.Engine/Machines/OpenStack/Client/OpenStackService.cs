using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>One service of a cloud. Paths are relative to its endpoint; what is put into them is escaped.</summary>
/// <remarks>Every method throws <see cref="KlException"/>: CloudDenied (401), CloudForbidden, CloudNotFound, CloudConflict (409), CloudRefused (400),
/// QuotaExceeded, CloudBusy (429, 503 for too long), CloudFailed, ServiceMissing, and what logging in throws.
/// 429 and 503 with Retry-After are repeated, and what can be repeated also after a lost connection.</remarks>
public sealed class OpenStackService
{
    private readonly OpenStackCloud _cloud;
    private readonly ServiceEndpoint _endpoint;

    internal OpenStackService(OpenStackCloud cloud, ServiceEndpoint endpoint) => (_cloud, _endpoint) = (cloud, endpoint);

    /// <summary>Its type, as in compute.</summary>
    public string Type => _endpoint.Type;

    /// <summary>The microversion that requests ask for: the highest that the service and KubeLab both know; null: it has none.</summary>
    public async Task<Microversion?> MicroversionAsync(CancellationToken stop) => (await _endpoint.FindAsync(stop)).Microversion;

    /// <summary>Whether requests are answered as of <paramref name="least"/> or later.</summary>
    public async Task<bool> SupportsAsync(Microversion least, CancellationToken stop) => await MicroversionAsync(stop) >= least;

    /// <summary>Makes sure of the microversion that a feature needs.</summary>
    /// <exception cref="KlException">CloudTooOld.</exception>
    public async Task RequireAsync(Microversion least, string feature, CancellationToken stop)
    {
        if (!await SupportsAsync(least, stop))
            throw new KlException(ErrorIds.CloudTooOld, KlErrorKind.InvalidInput, _cloud.Config.Name,
                $"{_cloud.Config.Name}: {feature} needs microversion {least} of {Type}; the cloud has {await MicroversionAsync(stop)}.", "Leave it out, or use another cloud.");
    }

    /// <summary>Reads what stands under <paramref name="key"/> in an answer; the whole where the key is empty.</summary>
    public async Task<T> GetAsync<T>(FormattableString path, string key, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Get, path, null, stop);
        return Unwrap<T>(answer, path, key);
    }

    /// <summary>The same, or null where there is none.</summary>
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
                throw new KlException(ErrorIds.CloudFailed, KlErrorKind.Failed, _cloud.Config.Name, $"{_cloud.Config.Name}: the pages of {Type} {next} lead in a circle.");
            var answer = await SendAsync(HttpMethod.Get, next, null, stop);
            foreach (var item in Unwrap<JsonArray>(answer, path, key))
                // Key pairs are wrapped one by one.
                yield return Read<T>(item is JsonObject { Count: 1 } one && one.First().Value is JsonObject inner ? inner : item!, path, answer);
            next = Pages.Next(answer.Json()!, key, next);
        }
    }

    /// <summary>Posts a body wrapped in <paramref name="key"/> and reads the answer likewise.</summary>
    public Task<T> PostAsync<T>(FormattableString path, string key, object body, CancellationToken stop) =>
        PostAsync<T>(path, key, body, new Dictionary<string, object>(), stop);

    /// <summary>The same with something beside it, as os:scheduler_hints stands beside a server.</summary>
    public async Task<T> PostAsync<T>(FormattableString path, string key, object body, IReadOnlyDictionary<string, object> beside, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Post, path, key.Length == 0 ? body : new Dictionary<string, object>(beside) { [key] = body }, stop);
        return Unwrap<T>(answer, path, key);
    }

    /// <summary>Posts a whole body; what is answered does not matter.</summary>
    public Task PostAsync(FormattableString path, object body, CancellationToken stop) => SendAsync(HttpMethod.Post, path, body, stop);

    /// <summary>Puts a body wrapped in <paramref name="key"/> and reads the answer likewise.</summary>
    public async Task<T> PutAsync<T>(FormattableString path, string key, object body, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Put, path, new Dictionary<string, object> { [key] = body }, stop);
        return Unwrap<T>(answer, path, key);
    }

    /// <summary>Puts a whole body; what is answered does not matter.</summary>
    public Task PutAsync(FormattableString path, object? body, CancellationToken stop) => SendAsync(HttpMethod.Put, path, body, stop);

    /// <summary>Removes a thing.</summary>
    /// <returns>False where there was none.</returns>
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

    /// <summary>Does something again while it is answered 409: for what is in use only until another removal has ended.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="patience">For how long; then the 409 is thrown.</param>
    /// <param name="stop">Ends it.</param>
    public Task<T> WhileBusyAsync<T>(Func<CancellationToken, Task<T>> work, TimeSpan patience, CancellationToken stop) => _cloud.WhileBusyAsync(work, patience, stop);

    private static string Escape(FormattableString path) =>
        string.Format(CultureInfo.InvariantCulture, path.Format, [.. path.GetArguments().Select(one => Uri.EscapeDataString(Convert.ToString(one, CultureInfo.InvariantCulture) ?? ""))]);

    private Task<CloudAnswer> SendAsync(HttpMethod method, FormattableString path, object? body, CancellationToken stop) => SendAsync(method, Escape(path), body, stop);

    private async Task<CloudAnswer> SendAsync(HttpMethod method, string path, object? body, CancellationToken stop)
    {
        var at = await _endpoint.FindAsync(stop);
        var answer = await _cloud.SendAsync(method, Keystone.Under(at.Base, path), body is null ? null : CloudJson.Write(body), at.Headers, stop);
        return answer.IsGood ? answer : throw CloudErrors.Of(_cloud.Config.Name, $"{Type} {method} {path}", answer);
    }

    private T Unwrap<T>(CloudAnswer answer, FormattableString path, string key) =>
        (key.Length == 0 ? answer.Json() : (answer.Json() as JsonObject)?[key]) is { } found ? Read<T>(found, path, answer)
            : throw CloudErrors.Strange(_cloud.Config.Name, $"{Type} {path}", answer, key.Length == 0 ? "it is not JSON" : $"there is no '{key}' in it");

    private T Read<T>(JsonNode node, FormattableString path, CloudAnswer answer)
    {
        try
        {
            return node is T same ? same : node.Deserialize<T>(CloudJson.Read)!;
        }
        catch (JsonException error)
        {
            throw CloudErrors.Strange(_cloud.Config.Name, $"{Type} {path}", answer, $"{error.Path} is not what the API promises", error);
        }
    }
}
