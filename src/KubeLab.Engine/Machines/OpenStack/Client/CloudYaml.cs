using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A mapping of a YAML (or JSON) file. Keys may contain - instead of _.</summary>
internal sealed class CloudYaml(IReadOnlyDictionary<string, object?> all)
{
    public static CloudYaml Empty { get; } = new(new Dictionary<string, object?>());

    public IEnumerable<string> Keys => all.Keys;

    /// <exception cref="KlException">CloudInvalid.</exception>
    public static CloudYaml Load(string path)
    {
        try
        {
            using var reader = File.OpenText(path);
            return Of(new DeserializerBuilder().Build().Deserialize<object?>(new MergingParser(new BoundedYaml(reader)))) ?? Empty;
        }
        // No inner exception, because a YAML error quotes the text, which may contain a password.
        catch (YamlException error)
        {
            throw new KlException(ErrorIds.CloudInvalid, KlErrorKind.InvalidInput, path,
                $"{path} is not valid YAML: line {error.Start.Line}, column {error.Start.Column}.",
                "Put values with special characters in quotes.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.CloudInvalid, KlErrorKind.InvalidInput, path, $"{path} cannot be read: {error.Message}",
                "Make the file readable for your user.", error);
        }
    }

    public static CloudYaml Of(params (string Key, string? Value)[] pairs) =>
        new(pairs.Where(pair => !string.IsNullOrEmpty(pair.Value)).ToDictionary(pair => pair.Key, pair => (object?)pair.Value));

    /// <summary>The text of a key, or of the first of several keys that has one.</summary>
    public string? Text(params string[] keys) => keys.Select(key => Value(key) as string).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

    /// <summary>The mapping of a key, or an empty one.</summary>
    public CloudYaml Map(string key) => Of(Value(key)) ?? Empty;

    /// <summary>The sequence of a key, or an empty one.</summary>
    public IReadOnlyList<object?> List(string key) => Value(key) as IReadOnlyList<object?> ?? [];

    /// <summary>This mapping, overridden by another one at all levels.</summary>
    public CloudYaml OverriddenBy(CloudYaml over) => new(Merge(Raw(), over.Raw()));

    public static CloudYaml? Of(object? value) => value is IDictionary<object, object?> map
        ? new(map.GroupBy(pair => pair.Key.ToString()!).ToDictionary(pairs => pairs.Key, pairs => pairs.Last().Value)) : value as CloudYaml;

    private IReadOnlyDictionary<string, object?> Raw() => all;

    private object? Value(string key) => all.GetValueOrDefault(key) ?? all.FirstOrDefault(pair => pair.Key.Replace('-', '_') == key).Value;

    private static Dictionary<string, object?> Merge(IReadOnlyDictionary<string, object?> under, IReadOnlyDictionary<string, object?> over)
    {
        var merged = new Dictionary<string, object?>(under);
        foreach (var (key, value) in over)
            merged[key] = Of(value) is { } map && Of(under.GetValueOrDefault(key)) is { } below ? below.OverriddenBy(map) : value;
        return merged;
    }
}
