using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>A client of a member of etcd.</summary>
internal sealed class EtcdClient(HttpClient http, DriverOptions options) : IDatabaseClient
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public async Task AuthenticateAsync(CancellationToken stop)
    {
        var answer = await PostAsync("auth/authenticate", new() { ["name"] = "root", ["password"] = options.Password }, stop);
        if (!http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", (string?)answer["token"]))
            throw new DatabaseException(hadNoEffect: true, DatabaseException.NotConnected);
    }

    public async Task CreateAsync(DatabaseWorkload workload, CancellationToken stop)
    {
        var initial = workload switch
        {
            DatabaseWorkload.Bank => DatabaseCall.Accounts.Select(account => (account, Text(DatabaseCall.Balance))),
            DatabaseWorkload.Counter => [("0", "0")],
            _ => [("created", "1")],
        };
        await TransactAsync(workload, [], [.. initial], stop);
    }

    public Task DropAsync(DatabaseWorkload workload, CancellationToken stop) => PostAsync("kv/deleterange", All(workload, ""), stop);

    public async Task<object?> RunAsync(DatabaseCall call, CancellationToken stop)
    {
        var workload = call.Workload;
        switch (workload, call.Function)
        {
            case (DatabaseWorkload.Set, "read"):
                var range = All(workload, "e");
                range["keys_only"] = true;
                return Pairs(await PostAsync("kv/range", range, stop))
                    .Select(pair => (object?)Number(pair.Key[(Key(workload, "e").Length)..])).ToArray();
            case (DatabaseWorkload.Set, _):
                return await PutAsync(workload, $"e{Text(call.Value)}", "", stop);
            case (DatabaseWorkload.Counter, "read"):
                return Number((await GetAsync(workload, ["0"], stop))[0].Value ?? "");
            case (DatabaseWorkload.Counter, _):
                var counter = await GetAsync(workload, ["0"], stop);
                return await TransactAsync(workload, [("0", counter[0].Revision)], [("0", Text(Number(counter[0].Value ?? "") + (long)call.Value!))], stop);
            case (DatabaseWorkload.Bank, "read"):
                return (await GetAsync(workload, DatabaseCall.Accounts, stop)).Zip(DatabaseCall.Accounts)
                    .ToDictionary(one => (object)one.Second, one => (object?)Number(one.First.Value ?? ""));
            case (DatabaseWorkload.Bank, _):
                return await TransferAsync(call, stop);
            case (DatabaseWorkload.ListAppend, _):
                return await StepsAsync(call, stop);
            case (_, "read"):
                return (await GetAsync(workload, [Text(call.Key)], stop))[0].Value is { } value ? Number(value) : null;
            case (_, "cas"):
                var found = await GetAsync(workload, [Text(call.Key)], stop);
                return found[0].Value == Text(call.Swap.From)
                    ? await TransactAsync(workload, [(Text(call.Key), found[0].Revision)], [(Text(call.Key), Text(call.Swap.To))], stop)
                    : throw new DatabaseException(hadNoEffect: true, DatabaseException.Conflict);
            default:
                return await PutAsync(workload, Text(call.Key), Text(call.Value), stop);
        }
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<object?> TransferAsync(DatabaseCall call, CancellationToken stop)
    {
        var (from, to, amount) = call.Transfer;
        var found = await GetAsync(call.Workload, [from, to], stop);
        var (left, right) = (Number(found[0].Value ?? ""), Number(found[1].Value ?? ""));
        return left < amount ? throw new DatabaseException(hadNoEffect: true, DatabaseException.Conflict)
            : await TransactAsync(call.Workload, [(from, found[0].Revision), (to, found[1].Revision)],
                [(from, Text(left - amount)), (to, Text(right + amount))], stop);
    }

    // Reads all keys at one revision. Appends only if none of them has changed since.
    private async Task<object?> StepsAsync(DatabaseCall call, CancellationToken stop)
    {
        var names = call.Steps.Select(step => Text(step.Key)).Distinct().ToArray();
        var found = await GetAsync(call.Workload, names, stop);
        var texts = names.Zip(found).ToDictionary(one => one.First, one => one.Second.Value);
        var lists = new List<IReadOnlyList<object?>?>();
        var changed = new HashSet<string>();
        foreach (var (key, element) in call.Steps)
        {
            var name = Text(key);
            if (element is { } added)
            {
                texts[name] = texts[name] is { } text ? $"{text},{Text(added)}" : Text(added);
                changed.Add(name);
                lists.Add(null);
            }
            else
                lists.Add(texts[name] is { } text ? [.. text.Split(',').Select(one => (object?)Number(one))] : []);
        }
        if (changed.Count > 0)
            await TransactAsync(call.Workload, [.. names.Zip(found, (name, one) => (name, one.Revision))],
                [.. changed.Select(name => (name, texts[name]!))], stop);
        return call.Result(lists);
    }

    private async Task<object?> PutAsync(DatabaseWorkload workload, string name, string value, CancellationToken stop)
    {
        await PostAsync("kv/put", new() { ["key"] = Encode(Key(workload, name)), ["value"] = Encode(value) }, stop);
        return null;
    }

    // The values and revisions of keys, all at one revision of the store. The revision of an absent key is 0.
    private async Task<(string? Value, long Revision)[]> GetAsync(DatabaseWorkload workload, IReadOnlyList<string> names, CancellationToken stop)
    {
        var keys = names.Select(name => Key(workload, name)).ToArray();
        var answer = await PostAsync("kv/txn", new()
        {
            ["success"] = new JsonArray([.. keys.Select(key => (JsonNode)new JsonObject
            {
                ["request_range"] = new JsonObject { ["key"] = Encode(key) },
            })]),
        }, stop);
        var responses = answer["responses"] as JsonArray ?? [];
        if (responses.Count != keys.Length)
            throw new DatabaseException(hadNoEffect: true, DatabaseException.Rejected);
        return [.. responses.Select(one => Pairs(one?["response_range"] as JsonObject ?? [])
            .Select(pair => ((string?)pair.Value, pair.Revision)).FirstOrDefault())];
    }

    private async Task<object?> TransactAsync(DatabaseWorkload workload,
        IReadOnlyList<(string Name, long Revision)> unchanged, IReadOnlyList<(string Name, string Value)> puts, CancellationToken stop)
    {
        var answer = await PostAsync("kv/txn", new()
        {
            ["compare"] = new JsonArray([.. unchanged.Select(one => (JsonNode)new JsonObject
            {
                ["key"] = Encode(Key(workload, one.Name)), ["target"] = "MOD", ["result"] = "EQUAL", ["mod_revision"] = Text(one.Revision),
            })]),
            ["success"] = new JsonArray([.. puts.Select(one => (JsonNode)new JsonObject
            {
                ["request_put"] = new JsonObject { ["key"] = Encode(Key(workload, one.Name)), ["value"] = Encode(one.Value) },
            })]),
        }, stop);
        return answer["succeeded"] is JsonValue succeeded && succeeded.TryGetValue(out bool isDone) && isDone ? null
            : throw new DatabaseException(hadNoEffect: true, DatabaseException.Conflict);
    }

    private async Task<JsonObject> PostAsync(string path, JsonObject body, CancellationToken stop)
    {
        try
        {
            using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, stop);
            var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(stop)) as JsonObject ?? [];
            return answer.IsSuccessStatusCode ? json
                : throw Error(json["error"] is JsonValue text && text.TryGetValue(out string? message) ? message : "");
        }
        catch (HttpRequestException error)
        {
            // ConnectionError: no TCP connection was opened. A body is sent once: HttpClient repeats only requests of which it has not begun to send the body.
            throw new DatabaseException(error.HttpRequestError == HttpRequestError.ConnectionError, DatabaseException.ConnectionLost, error);
        }
        catch (Exception error) when (error is JsonException or IOException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            throw new DatabaseException(
                hadNoEffect: false, error is OperationCanceledException ? DatabaseException.TimedOut : DatabaseException.ConnectionLost, error);
        }
    }

    /// <summary>Classifies the text of an error.</summary>
    internal static DatabaseException Error(string message) => message switch
    {
        _ when message.Contains("no leader", StringComparison.Ordinal) || message.Contains("proposal dropped", StringComparison.Ordinal) =>
            new(hadNoEffect: true, DatabaseException.NoQuorum),
        _ when message.Contains("timed out", StringComparison.Ordinal) => new(hadNoEffect: false, DatabaseException.TimedOut),
        _ when message.Contains("invalid auth token", StringComparison.Ordinal) => new(hadNoEffect: true, DatabaseException.NotConnected),
        _ when message.Contains("authentication failed", StringComparison.Ordinal) => new(hadNoEffect: true, DatabaseException.LoginRejected),
        "etcdserver: too many requests" or "etcdserver: permission denied" or "etcdserver: user name is empty" or "etcdserver: request is too large" or
            "etcdserver: duplicate key given in txn request" or "etcdserver: authentication is not enabled" =>
            new(hadNoEffect: true, DatabaseException.Rejected),
        _ => new(hadNoEffect: false, DatabaseException.ConnectionLost),
    };

    private JsonObject All(DatabaseWorkload workload, string start)
    {
        var key = Key(workload, start);
        return new() { ["key"] = Encode(key), ["range_end"] = Encode(key[..^1] + (char)(key[^1] + 1)) };
    }

    private string Key(DatabaseWorkload workload, string name) => $"{options.Prefix}/{workload.ToString().ToLowerInvariant()}/{name}";

    private static IEnumerable<(string Key, string Value, long Revision)> Pairs(JsonObject range) => (range["kvs"] as JsonArray ?? [])
        .Select(one => (Decode(one?["key"]), Decode(one?["value"]), Number((string?)one?["mod_revision"] ?? "")));

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Decode(JsonNode? text) => text is null ? "" : Encoding.UTF8.GetString(Convert.FromBase64String((string)text!));

    private static string Text(object? number) => Convert.ToString(number, Invariant)!;

    private static long Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, Invariant, out var number) ? number
        : throw new DatabaseException(hadNoEffect: true, DatabaseException.Rejected);
}
