using System.Text;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A user's as, as-uid, as-groups and as-user-extra: requests on behalf of another user.</summary>
/// <remarks>client-go transport: impersonatingRoundTripper; tools/clientcmd: validateAuthInfo.</remarks>
internal static class Impersonation
{
    private const string Token = "!#$%&'*+-.^_`|~";

    /// <summary>Reads the impersonation header lines of a user, or "".</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static string Read(YamlMappingNode user, string name, string path)
    {
        var headers = new List<(string Name, string Value)>();
        if (Single(user, "as") is { Length: > 0 } other)
            headers.Add(("Impersonate-User", other));
        if (Single(user, "as-uid") is { Length: > 0 } uid)
            headers.Add(("Impersonate-Uid", uid));
        headers.AddRange(Several(user.Value("as-groups"), "as-groups").Select(group => ("Impersonate-Group", group)));
        foreach (var (key, values) in user.Value("as-user-extra") is { } extra && !extra.IsNull() ? extra as YamlMappingNode
            ?? throw Invalid("its as-user-extra is not a mapping of lists") : [])
            headers.AddRange(Several(values, "as-user-extra").Select(value => ("Impersonate-Extra-" + Escaped(((YamlScalarNode)key).Value!), value)));
        if (headers.Count > 0 && headers[0].Name != "Impersonate-User")
            throw Invalid("it has a uid, groups or user-extra to impersonate, but no user (as)");
        if (headers.Exists(header => header.Value.Any(c => char.IsControl(c) && c != '\t')))
            throw Invalid("the user, uid, groups or user-extra to impersonate contain control characters");
        return string.Join('\n', headers.Select(header => $"{header.Name}: {header.Value}"));

        string? Single(YamlMappingNode map, string key) => map.Value(key) switch
        {
            null => null,
            var none when none.IsNull() => null,
            YamlScalarNode { Value: { } text } => text,
            _ => throw Invalid($"its {key} is not a string"),
        };

        IEnumerable<string> Several(YamlNode? list, string key) => list is null || list.IsNull() ? []
            : list is YamlSequenceNode items && items.All(item => item is YamlScalarNode) ? items.Select(item => ((YamlScalarNode)item).Value ?? "")
            : throw Invalid($"its {key} is not a list of strings");

        KlException Invalid(string why) => new(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, path,
            $"The user {name} of {path} cannot be used: {why}.", "Correct the user in the kubeconfig.");
    }

    // A header name allows few characters. % is escaped, too, because it is the escape character.
    private static string Escaped(string key)
    {
        var escaped = new StringBuilder();
        foreach (var one in Encoding.UTF8.GetBytes(key))
            if (char.IsAsciiLetterOrDigit((char)one) || one != '%' && Token.Contains((char)one, StringComparison.Ordinal))
                escaped.Append((char)one);
            else
                escaped.Append('%').Append(one.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        return escaped.ToString();
    }
}
