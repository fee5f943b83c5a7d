using System.Globalization;

namespace KubeLab.Engine.Remote.Config;

/// <summary>One host of a ProxyJump.</summary>
/// <param name="Host">The name or address.</param>
/// <param name="User">The user name, or null to use the configuration.</param>
/// <param name="Port">The port, or null to use the configuration.</param>
internal sealed record JumpHost(string Host, string? User, int? Port)
{
    /// <summary>Parses hosts separated by commas: [user@]host[:port] or ssh://[user@]host[:port]. Null if one is not valid.</summary>
    public static IReadOnlyList<JumpHost>? Parse(string jumps)
    {
        var hosts = jumps.Split(',').Select(ParseOne).OfType<JumpHost>().ToList();
        return hosts.Count == jumps.Split(',').Length ? hosts : null;
    }

    private static JumpHost? ParseOne(string text)
    {
        var isUri = text.StartsWith("ssh://", StringComparison.OrdinalIgnoreCase);
        var rest = isUri ? text[6..].TrimEnd('/') : text;
        var sign = rest.LastIndexOf('@');
        var at = rest[(sign + 1)..];
        var end = at.StartsWith('[') ? at.IndexOf(']', StringComparison.Ordinal) + 1
            : at.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? colon : at.Length;
        var host = at[..end].Trim('[', ']');
        if (host is "" || sign == 0 || host.IndexOfAny(['/', ' ', '\t', '"', '\'']) >= 0)
            return null;
        var user = sign < 0 ? null : isUri ? Uri.UnescapeDataString(rest[..sign]) : rest[..sign];
        if (end == at.Length)
            return new(host, user, null);
        return at[end] == ':' && int.TryParse(at.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? new(host, user, port) : null;
    }
}
