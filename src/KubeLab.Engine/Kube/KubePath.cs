using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Kube;

/// <summary>A path in kubectl's JSONPath: {.status.phase}, .spec.ports[0].port, [1:3], [0,2], ['a','b'], [-1], .items[*].name, ..name,
/// .metadata.labels['a.b/c'], [?(@.type=="Ready")], [?(@.count>2)], [?(@.name)]. Templates ({range}, several paths with text between) are not
/// supported.</summary>
/// <remarks>https://kubernetes.io/docs/reference/kubectl/jsonpath</remarks>
internal static partial class KubePath
{
    /// <summary>Finds the values at a path.</summary>
    /// <exception cref="KlException">JsonPathInvalid.</exception>
    public static IReadOnlyList<JsonNode> Find(JsonNode root, string path)
    {
        var rest = path.Trim();
        rest = rest is ['{', .. var inner, '}'] ? inner.Trim() : rest;
        return [.. Walk([root], rest.TrimStart('$', '@'), path).OfType<JsonNode>()];
    }

    private static IEnumerable<JsonNode?> Walk(IEnumerable<JsonNode?> found, string rest, string path)
    {
        rest = rest.Length == 0 || rest.StartsWith('.') || rest.StartsWith('[') ? rest : "." + rest;
        while (rest.Length > 0)
        {
            if (rest.StartsWith("..", StringComparison.Ordinal))
            {
                found = found.SelectMany(Deep).ToList();
                rest = rest[(rest is [_, _, '[', ..] ? 2 : 1)..];
            }
            var step = Step().Match(rest);
            if (!step.Success)
                throw Invalid(path, rest);
            var (name, inside) = (step.Groups["name"], step.Groups["inside"]);
            // Evaluated immediately, so that an invalid path is reported for an empty list, too.
            found = (name.Success ? found.SelectMany(node => Named(node, name.Value.Replace("\\.", ".", StringComparison.Ordinal), name.Value == "*"))
                : Filter().Match(inside.Value) is { Success: true } filter
                ? found.SelectMany(node => node as JsonArray ?? []).Where(one => Holds(one, filter.Groups, path))
                : Part().Matches(inside.Value) is { Count: > 0 } parts && string.Join(',', parts.Select(part => part.Value)) == inside.Value
                ? found.SelectMany(node => parts.SelectMany(part => Take(node, part.Groups)))
                : throw Invalid(path, rest)).ToList();
            rest = rest[step.Length..];
        }
        return found;
    }

    private static IEnumerable<JsonNode?> Named(JsonNode? node, string name, bool all) => node switch
    {
        JsonObject map when all => map.Select(pair => pair.Value),
        JsonObject map => [map[name]],
        JsonArray items when all => items,
        _ => [],
    };

    private static IEnumerable<JsonNode?> Take(JsonNode? node, GroupCollection part)
    {
        if (part["all"].Success)
            return Named(node, "", all: true);
        if (part["key"].Success)
            return Named(node, part["key"].Value.Replace("\\.", ".", StringComparison.Ordinal), all: false);
        if (node is not JsonArray items)
            return [];
        if (part["index"].Success)
            return [items.ElementAtOrDefault(From(part["index"].Value, 0, items.Count))];
        var (first, end, by) = (From(part["from"].Value, 0, items.Count), From(part["to"].Value, items.Count, items.Count),
            part["by"].Value is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1);
        return items.Take(Math.Max(0, end)).Skip(Math.Max(0, first)).Where((_, at) => at % by == 0);
    }

    // Negative indexes count from the end.
    private static int From(string text, int none, int count) => text.Length == 0 ? none
        : int.Parse(text, CultureInfo.InvariantCulture) is < 0 and var back ? back + count : int.Parse(text, CultureInfo.InvariantCulture);

    private static bool Holds(JsonNode? one, GroupCollection filter, string path)
    {
        var left = Walk([one], filter["left"].Value, path).OfType<JsonNode>().FirstOrDefault();
        if (!filter["is"].Success || left is null)
            return left is not null;
        var right = filter["path"].Success ? Walk([one], filter["path"].Value, path).OfType<JsonNode>().FirstOrDefault()?.ToString() : filter["value"].Value;
        if (right is null)
            return false;
        var order = double.TryParse(left.ToString(), CultureInfo.InvariantCulture, out var a)
            && double.TryParse(right, CultureInfo.InvariantCulture, out var b)
            ? a.CompareTo(b) : string.CompareOrdinal(left.ToString(), right);
        return filter["is"].Value switch { "==" => order == 0, "!=" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private static IEnumerable<JsonNode?> Deep(JsonNode? node) => Named(node, "", all: true).SelectMany(Deep).Prepend(node);

    private static KlException Invalid(string path, string rest) => new(ErrorIds.JsonPathInvalid, KlErrorKind.InvalidInput, path,
        $"The JSONPath '{path}' is not valid at '{rest}'.",
        "Use a path such as {.status.phase}, {.spec.ports[0].port} or {.status.conditions[?(@.type==\"Ready\")].status}.");

    [GeneratedRegex("""^(\.(?<name>\*|([^.\[\]\\*]|\\\.)+)|\.?\[(?<inside>('[^']*'|"[^"]*"|\[[^\]]*\]|[^\[\]'"])*)\])""", RegexOptions.ExplicitCapture)]
    private static partial Regex Step();

    [GeneratedRegex("""(?<=^|,)((?<all>\*)|'(?<key>[^']*)'|"(?<key>[^"]*)"|(?<index>-?[0-9]{1,9})(?!:)|"""
        + """(?<from>-?[0-9]{0,9}):(?<to>-?[0-9]{0,9})(:(?<by>[1-9][0-9]{0,8})?)?)(?=,|$)""",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Part();

    [GeneratedRegex("""^\?\( *@(?<left>[^=!<> ]*) *((?<is>==|!=|<=|>=|<|>) *('(?<value>[^']*)'|"(?<value>[^"]*)"|@(?<path>[^ ]+)|(?<value>[^'"@ ]+)))? *\)$""",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Filter();
}
