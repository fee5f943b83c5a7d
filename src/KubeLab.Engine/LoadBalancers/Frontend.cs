using System.Globalization;
using System.Net;
using System.Text;

namespace KubeLab.Engine.LoadBalancers;

/// <summary>A port of a load balancer, and the servers that it distributes connections to.</summary>
/// <param name="Name">The name, unique on the load balancer.</param>
/// <param name="Port">The port on the load balancer.</param>
/// <param name="Servers">The servers by name. At least one.</param>
internal sealed record Frontend(string Name, int Port, IReadOnlyList<(string Name, IPEndPoint Address)> Servers)
{
    /// <summary>The beginning of the names of frontends for services. Their servers are all nodes.</summary>
    public const string ServicePrefix = "svc.";

    /// <summary>The time between two checks of a server. After two failed checks, a server gets no connections, and its existing ones are closed.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>The HTTPS path that answers 200 on a healthy server, or null if a TCP connection is enough.</summary>
    public string? HealthPath { get; init; }

    /// <summary>http or https if the servers use this protocol, otherwise null. HAProxy does not use it.</summary>
    public string? Scheme { get; init; }

    /// <summary>The section of haproxy.cfg.</summary>
    /// <remarks>docs.haproxy.org/2.6/configuration.html, 4.2 and 5.2.</remarks>
    public string Section()
    {
        var text = new StringBuilder();
        if (Scheme is not null)
            Line($"# {Scheme}");
        Line($"listen {Name}");
        Line($"  bind :{Port}");
        if (HealthPath is not null)
        {
            Line($"  option httpchk GET {HealthPath}");
            Line("  http-check expect status 200");
        }
        var check = HealthPath is null ? "check" : "check check-ssl verify none";
        var interval = CheckInterval.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        Line($"  default-server {check} inter {interval}ms fall 2 rise 1 on-marked-down shutdown-sessions");
        foreach (var (name, address) in Servers)
            Line($"  server {name} {address}");
        return text.ToString().TrimEnd('\n');

        void Line(string line) => text.Append(line).Append('\n');
    }
}

/// <summary>The state of a frontend.</summary>
/// <param name="Name">The name.</param>
/// <param name="Port">The port on the load balancer.</param>
/// <param name="Scheme">http or https, or null.</param>
/// <param name="Servers">The servers.</param>
internal sealed record FrontendState(string Name, int Port, string? Scheme, IReadOnlyList<KlLoadBalancerServer> Servers);
