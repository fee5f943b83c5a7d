using System.Globalization;

namespace KubeLab.Engine.Remote.Config;

/// <summary>One host of a ProxyJump.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="User">The login; null: as the configuration says.</param>
/// <param name="Port">The port; null: as the configuration says.</param>
internal sealed record JumpHost(string Host, string? User, int? Port)
{
    /// <summary>Reads the hosts, [user@]host[:port] or ssh://[user@]host[:port] with commas between them. Null where one is neither.</summary>
    public static IReadOnlyList<JumpHost>? Parse(string jumps)
    {
        var hosts = jumps.Split(',').Select(One).OfType<JumpHost>().ToList();
        return hosts.Count == jumps.Split(',').Length ? hosts : null;
    }

    private static JumpHost? One(string text)
    {
        var isUri = text.StartsWith("ssh://", StringComparison.OrdinalIgnoreCase);
        var rest = isUri ? text[6..].TrimEnd('/') : text;
        var sign = rest.LastIndexOf('@');
        var at = rest[(sign + 1)..];
        var end = at.StartsWith('[') ? at.IndexOf(']', StringComparison.Ordinal) + 1 : at.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? colon : at.Length;
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
