using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The address of a cluster's API that stays the same when control planes come and go: kubeadm's controlPlaneEndpoint.</summary>
/// <param name="Host">The host name or address.</param>
/// <param name="Port">The port.</param>
internal sealed partial record ClusterEndpoint(string Host, int Port)
{
    private const int ApiPort = 6443;

    // ICANN reserves this domain for private use. Nodes have the name in /etc/hosts.
    private const string Domain = ".kubelab.internal";

    /// <summary>Whether KubeLab decides to which machine the name leads.</summary>
    public bool IsManaged => Host.EndsWith(Domain, StringComparison.Ordinal);

    /// <summary>The endpoint of a cluster for which the user specified none.</summary>
    public static ClusterEndpoint Of(string cluster) => new(cluster + Domain, ApiPort);

    /// <summary>Parses HOST or HOST:PORT. The default port is 6443.</summary>
    /// <exception cref="KlException">ControlPlaneEndpointInvalid.</exception>
    public static ClusterEndpoint Parse(string text) =>
        HostAndPort().Match(text) is { Success: true } match && Uri.CheckHostName(match.Groups["host"].Value) is UriHostNameType.Dns or UriHostNameType.IPv4
            && int.TryParse(match.Groups["port"] is { Success: true } port ? port.Value : $"{ApiPort}", CultureInfo.InvariantCulture, out var number)
            && number is > 0 and < 65536
            ? new(match.Groups["host"].Value.ToLowerInvariant(), number)
            : throw new KlException(ErrorIds.ControlPlaneEndpointInvalid, KlErrorKind.InvalidInput, text, $"'{text}' is not a valid endpoint.",
                "Specify a host name or IPv4 address that leads to the control planes, optionally with a port, such as api.example.org:6443.");

    /// <summary>HOST:PORT.</summary>
    public override string ToString() => $"{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    [GeneratedRegex("^(?<host>[A-Za-z0-9.-]+)(:(?<port>[0-9]{1,5}))?\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex HostAndPort();
}
