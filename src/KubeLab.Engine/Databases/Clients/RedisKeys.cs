using System.Globalization;

namespace KubeLab.Engine.Databases.Clients;

/// <summary>The keys that workloads use.</summary>
/// <param name="prefix">Their start.</param>
/// <param name="isSharded">Whether they are divided among shards.</param>
internal sealed class RedisKeys(string prefix, bool isSharded)
{
    private const int Parts = 12;

    /// <summary>Matches all keys.</summary>
    public string Pattern => $"{prefix}:*";

    /// <summary>The keys that contain the elements of the set. With shards, they are in several.</summary>
    public IEnumerable<string> OfSet => Enumerable.Range(0, isSharded ? Parts : 1).Select(part => Of(DatabaseWorkload.Set, Text(part)));

    /// <summary>The key of an operation, of which all keys of a transaction are in the same slot; or null if it uses several.</summary>
    public string? Of(DatabaseCall call) => (call.Workload, call.Function) switch
    {
        (DatabaseWorkload.Set, "read") => null,
        (DatabaseWorkload.Set, _) => Of(DatabaseWorkload.Set, isSharded ? Text((long)call.Value! % Parts) : "0"),
        (DatabaseWorkload.Counter, _) => Of(DatabaseWorkload.Counter, "0"),
        (DatabaseWorkload.ListAppend, _) => OfList(call.Steps[0].Key),
        _ => Of(call.Workload, Text(call.Key)),
    };

    /// <summary>The key of a list. Keys with the same remainder are used together, so they must be in the same slot.</summary>
    public string OfList(long key) => Of(DatabaseWorkload.ListAppend, isSharded ? $"{{{key % DatabaseCall.ListGroups}}}:{Text(key)}" : Text(key));

    /// <summary>A key of a workload.</summary>
    public string Of(DatabaseWorkload workload, string name) => $"{prefix}:{workload.ToString().ToLowerInvariant()}:{name}";

    /// <summary>A number as text.</summary>
    public static string Text(object? number) => Convert.ToString(number, CultureInfo.InvariantCulture)!;
}
