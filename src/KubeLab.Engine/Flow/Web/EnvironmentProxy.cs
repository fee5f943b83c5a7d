using System.Globalization;
using System.Net;

namespace KubeLab.Engine.Flow.Web;

/// <summary>The proxy from HTTPS_PROXY, HTTP_PROXY and NO_PROXY, selected by the rules of Go programs such as kubectl.</summary>
/// <remarks>golang.org/x/net/http/httpproxy. .NET's own implementation of NO_PROXY does not support networks, ports and `*`.</remarks>
/// <param name="variable">Reads an environment variable.</param>
internal sealed class EnvironmentProxy(Func<string, string?> variable) : IWebProxy, ICredentials
{
    /// <summary>The proxy of this process. The variables are read for each request.</summary>
    public static EnvironmentProxy Shared { get; } = new(Environment.GetEnvironmentVariable);

    /// <inheritdoc/>
    public ICredentials? Credentials { get => this; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    /// <summary>The proxy for an address without user and password, or null for a direct connection.</summary>
    public Uri? GetProxy(Uri destination) => SelectProxy(destination) is { } proxy ? new UriBuilder(proxy) { UserName = "", Password = "" }.Uri : null;

    /// <inheritdoc/>
    public NetworkCredential? GetCredential(Uri uri, string authType) =>
        new[] { ReadProxy("HTTPS_PROXY"), ReadProxy("HTTP_PROXY") }
            .FirstOrDefault(one => one?.UserInfo.Length > 0 && one.Authority == uri.Authority) is { } proxy ? CredentialOf(proxy) : null;

    /// <summary>The user and password of an address, or null.</summary>
    public static NetworkCredential? CredentialOf(Uri address) =>
        address.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var rest]
            ? new(Uri.UnescapeDataString(user), Uri.UnescapeDataString(rest.FirstOrDefault() ?? "")) : null;

    private Uri? SelectProxy(Uri destination)
    {
        var (secure, plain) = (ReadProxy("HTTPS_PROXY"), ReadProxy("HTTP_PROXY"));
        // On Windows and macOS, the system setting applies if the environment variables are not set.
        if (secure is null && plain is null && !OperatingSystem.IsLinux())
            return HttpClient.DefaultProxy.IsBypassed(destination) ? null : HttpClient.DefaultProxy.GetProxy(destination);
        return (destination.Scheme == Uri.UriSchemeHttps ? secure : plain) is { } proxy && !IsExcluded(destination) ? proxy : null;
    }

    private Uri? ReadProxy(string name)
    {
        if (ReadVariable(name) is not { } text)
            return null;
        text = text.StartsWith("socks5h://", StringComparison.OrdinalIgnoreCase) ? "socks5" + text[7..] : text;
        return Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5" ? proxy
            : Uri.TryCreate("http://" + text, UriKind.Absolute, out proxy) ? proxy : null;
    }

    private string? ReadVariable(string name) =>
        variable(name) is { Length: > 0 } upper ? upper : variable(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : null;

    private bool IsExcluded(Uri destination)
    {
        var (host, port) = (destination.IdnHost.ToLowerInvariant(), destination.Port.ToString(CultureInfo.InvariantCulture));
        var address = Address(host);
        if (host == "localhost" || address is not null && IPAddress.IsLoopback(address))
            return true;
        var entries = (ReadVariable("NO_PROXY") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return entries.Any(entry => Matches(entry.ToLowerInvariant(), host, port, address));
    }

    private static bool Matches(string entry, string host, string port, IPAddress? address)
    {
        if (entry == "*")
            return true;
        if (entry.Split('/') is [var network, var bits] && Address(network) is { } start
            && int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= start.GetAddressBytes().Length * 8)
            return address is not null && IsIn(address.GetAddressBytes(), start.GetAddressBytes(), length);
        var (name, only) = Split(entry);
        if (only.Length > 0 && only != port || name.Length == 0)
            return false;
        if (Address(name) is { } one)
            return one.Equals(address);
        name = Ascii(name.StartsWith("*.", StringComparison.Ordinal) ? name[1..] : name);
        return host == name || host.EndsWith(name.StartsWith('.') ? name : "." + name, StringComparison.Ordinal);
    }

    // name:port or [address]:port. An IPv6 address without brackets has several colons and no port.
    private static (string Name, string Port) Split(string entry)
    {
        if (entry.StartsWith('['))
            return entry.IndexOf("]:", StringComparison.Ordinal) is > 0 and var end ? (entry[1..end], entry[(end + 2)..]) : (entry, "");
        return entry.Split(':') is [var name, var port] ? (name, port) : (entry, "");
    }

    private static bool IsIn(byte[] address, byte[] network, int bits)
    {
        if (address.Length != network.Length)
            return false;
        for (var at = 0; at < bits; at++)
            if (((address[at / 8] ^ network[at / 8]) & 0x80 >> at % 8) != 0)
                return false;
        return true;
    }

    // .NET reads 10.1 and 0x0a as addresses; Go does not.
    private static IPAddress? Address(string text) =>
        text.StartsWith('[') || !IPAddress.TryParse(text, out var address) ? null
        : address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : text.Contains(':', StringComparison.Ordinal) || address.ToString() == text ? address : null;

    private static string Ascii(string name)
    {
        try
        {
            return name.All(char.IsAscii) ? name
                : new IdnMapping().GetAscii(name.TrimStart('.')) is var ascii && name.StartsWith('.') ? "." + ascii : new IdnMapping().GetAscii(name);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }
}
