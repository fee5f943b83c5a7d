using System.Globalization;
using k8s.Models;
using KubeLab.Engine.Resources;

namespace KubeLab;

/// <summary>A port of a service.</summary>
/// <param name="Name">The name, or null.</param>
/// <param name="Port">The port of the service.</param>
/// <param name="TargetPort">The number or name of the pods' port.</param>
/// <param name="NodePort">The port of the nodes, or null.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
public sealed record KlServicePort(string? Name, int Port, string TargetPort, int? NodePort, string Protocol)
{
    /// <summary>The format of kubectl: 80:30080/TCP.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Port}{(NodePort is { } node ? $":{node}" : "")}/{Protocol}");
}

/// <summary>A service, as kubectl get services shows it, with its addresses.</summary>
public sealed record KlService : IKubeRecord, IEventSubject
{
    // Protocols that are used as the name of a port or as its beginning (istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection).
    private static readonly HashSet<string> OtherProtocols =
    [
        "tcp", "udp", "sctp", "tls", "ssl", "grpc", "mysql", "mariadb", "postgres", "postgresql", "pgsql", "pg", "mssql", "oracle", "mongo", "mongodb",
        "redis", "valkey", "memcached", "memcache", "cassandra", "cql", "etcd", "zookeeper", "kafka", "amqp", "amqps", "mqtt", "mqtts", "nats", "stomp",
        "ldap", "ldaps", "smtp", "smtps", "imap", "imaps", "pop3", "pop3s", "ftp", "ftps", "sftp", "ssh", "git", "telnet", "dns", "ntp", "nfs", "smb", "sip",
        "rtmp", "rtsp", "socks", "socks5", "syslog", "thrift", "vnc", "rdp",
    ];

    /// <summary>The kind, for cmdlets that accept objects of any kind.</summary>
    public string Kind { get; } = "Service";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it is in.</summary>
    public required string Cluster { get; init; }

    /// <summary>ClusterIP, NodePort, LoadBalancer or ExternalName.</summary>
    public required string Type { get; init; }

    /// <summary>The address in the cluster; None for a headless service.</summary>
    public string? ClusterIP { get; init; }

    /// <summary>External addresses, as kubectl shows them.</summary>
    public required KlCollection<string> ExternalIP { get; init; }

    /// <summary>Its ports.</summary>
    public required KlCollection<KlServicePort> Ports { get; init; }

    /// <summary>The node port of the first port.</summary>
    public int? NodePort { get; init; }

    /// <summary>Addresses of its TCP ports as host:port: the node port of each Ready node, or the DNS name in the cluster for type
    /// ClusterIP.</summary>
    public required KlCollection<string> Addresses { get; init; }

    /// <summary>The addresses that use HTTP, as URLs.</summary>
    public required KlCollection<string> Urls { get; init; }

    /// <summary>Time since creation.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>Added, Modified or Deleted in a watch, otherwise null.</summary>
    public string? Change { get; init; }

    internal V1Service Object { get; init; } = new();

    object IKubeRecord.Object => Object;

    /// <summary>Additional details for the list view.</summary>
    public KubeDetail Detail() => KubeDetail.Of(Object.Metadata) with
    {
        Selector = KubeDetail.Lines((Object.Spec.Selector ?? new Dictionary<string, string>()).Select(s => $"{s.Key}={s.Value}")),
        Policies = string.Join(", ", new[]
        {
            ("session affinity", Object.Spec.SessionAffinity), ("external traffic", Object.Spec.ExternalTrafficPolicy),
            ("internal traffic", Object.Spec.InternalTrafficPolicy),
        }.Where(p => !string.IsNullOrEmpty(p.Item2)).Select(p => $"{p.Item1} {p.Item2}")),
    };

    KubeSubject IEventSubject.Subject => KubeSubject.Of(Object, "Service", Cluster);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlService From(V1Service service, IReadOnlyList<V1Node> nodes, string cluster, DateTimeOffset now)
    {
        var spec = service.Spec;
        KlServicePort[] ports = [.. (spec.Ports ?? []).Select(p =>
            new KlServicePort(p.Name, p.Port, p.TargetPort?.Value ?? "", p.NodePort is > 0 ? p.NodePort : null, p.Protocol ?? "TCP"))];
        var balancers = service.Status?.LoadBalancer?.Ingress?.Select(i => i.Ip ?? i.Hostname).OfType<string>() ?? [];
        string[] external = spec.Type == "ExternalName" ? [spec.ExternalName] : [.. balancers.Concat(spec.ExternalIPs ?? [])];
        var reached = (spec.Ports ?? []).Where(p => p.Protocol is null or "TCP")
            .SelectMany(p => HostsOf(service, p, external, nodes).Select(at => (Scheme: SchemeOf(p), at.Host, at.Port))).ToList();
        return new()
        {
            Name = service.Metadata.Name,
            Namespace = service.Metadata.NamespaceProperty,
            Cluster = cluster,
            Type = spec.Type,
            ClusterIP = spec.ClusterIP,
            ExternalIP = [.. external],
            Ports = [.. ports],
            NodePort = ports.FirstOrDefault()?.NodePort,
            Addresses = [.. reached.Select(at => new UriBuilder("tcp", at.Host, at.Port).Uri.Authority)],
            Urls = [.. reached.Where(at => at.Scheme is not null).Select(at => new UriBuilder(at.Scheme, at.Host, at.Port).Uri.AbsoluteUri)],
            Age = KubeAge.Since(service.Metadata.CreationTimestamp, now),
            Object = service,
        };
    }

    /// <summary>Returns http or https according to the port's appProtocol, otherwise its name (PROTOCOL or PROTOCOL-SUFFIX), otherwise its number;
    /// null if the port does not use HTTP.</summary>
    internal static string? SchemeOf(V1ServicePort port) => (port.AppProtocol ?? NamedProtocol(port))?.ToLowerInvariant() switch
    {
        "http" or "http2" or "h2c" or "kubernetes.io/h2c" or "ws" or "kubernetes.io/ws" => "http",
        "https" or "wss" or "kubernetes.io/wss" => "https",
        not null when port.AppProtocol is not null => null,
        { } name when OtherProtocols.Contains(name) => null,
        _ => port.Port switch
        {
            443 or 8443 => "https",
            80 or 3000 or 5000 or 8000 or 8008 or 8080 or 8081 or 8888 => "http",
            _ => null,
        },
    };

    // The protocol in a name such as "redis" or "grpc-api". The names that KubeLab gives, such as "tcp-8080", only repeat the number.
    private static string? NamedProtocol(V1ServicePort port) => port.Name?.Split('-') switch
    {
        ["tcp", var number] when number.All(char.IsAsciiDigit) => null,
        var parts => parts?[0],
    };

    private static IEnumerable<(string Host, int Port)> HostsOf(V1Service service, V1ServicePort port, IReadOnlyList<string> external,
        IReadOnlyList<V1Node> nodes)
    {
        var inside = $"{service.Metadata.Name}.{service.Metadata.NamespaceProperty}.svc";
        var at = service.Spec.Type switch
        {
            "NodePort" when port.NodePort is > 0 and { } node => nodes.Where(KlNode.IsReady).OrderBy(n => n.Metadata.Name, StringComparer.Ordinal)
                .Select(n => (Host: KlNode.AddressOf(n, "ExternalIP") ?? KlNode.AddressOf(n, "InternalIP"), Port: node)),
            "LoadBalancer" => external.Select(host => (Host: (string?)host, port.Port)),
            "ExternalName" => [],
            _ => [((string?)inside, port.Port)],
        };
        return at.Where(a => Uri.CheckHostName(a.Host) != UriHostNameType.Unknown).Select(a => (a.Host!, a.Port));
    }
}
