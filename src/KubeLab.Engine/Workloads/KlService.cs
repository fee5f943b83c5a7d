using System.Globalization;
using k8s.Models;

namespace KubeLab.Engine.Workloads;

/// <summary>A port of a service.</summary>
/// <param name="Name">Its name, where it has one.</param>
/// <param name="Port">The service's.</param>
/// <param name="TargetPort">The pods': a number or a name.</param>
/// <param name="NodePort">The nodes', where it has one.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
public sealed record KlServicePort(string? Name, int Port, string TargetPort, int? NodePort, string Protocol)
{
    /// <summary>As kubectl writes it: 80:30080/TCP.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Port}{(NodePort is { } node ? $":{node}" : "")}/{Protocol}");
}

/// <summary>A service, as kubectl get services shows it, and where to reach it.</summary>
public sealed record KlService
{
    /// <summary>Service, so that cmdlets for any kind know it.</summary>
    public string Kind { get; } = "Service";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it is in.</summary>
    public required string Cluster { get; init; }

    /// <summary>ClusterIP, NodePort, LoadBalancer or ExternalName.</summary>
    public required string Type { get; init; }

    /// <summary>Its address in the cluster; None for a headless one.</summary>
    public string? ClusterIP { get; init; }

    /// <summary>Addresses from outside, as kubectl shows them.</summary>
    public required string[] ExternalIP { get; init; }

    /// <summary>Its ports.</summary>
    public required KlServicePort[] Ports { get; init; }

    /// <summary>The first port's node port.</summary>
    public int? NodePort { get; init; }

    /// <summary>Where it answers: through each Ready node's node port; for ClusterIP its name inside the cluster.</summary>
    public required Uri[] Urls { get; init; }

    /// <summary>Since it was made.</summary>
    public KubeAge? Age { get; init; }

    /// <summary>Added, Modified or Deleted, where it is watched.</summary>
    public string? Change { get; init; }

    /// <summary>All that the server said of it.</summary>
    public required V1Service Object { get; init; }

    /// <summary>What a list shows beyond the table.</summary>
    public KubeDetail Detail() => KubeDetail.Of(Object);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlService From(V1Service service, IReadOnlyList<V1Node> nodes, string cluster, DateTimeOffset now)
    {
        var spec = service.Spec;
        KlServicePort[] ports = [.. (spec.Ports ?? []).Select(p => new KlServicePort(p.Name, p.Port, p.TargetPort?.Value ?? "", p.NodePort is > 0 ? p.NodePort : null, p.Protocol ?? "TCP"))];
        var balancers = service.Status?.LoadBalancer?.Ingress?.Select(i => i.Ip ?? i.Hostname).OfType<string>() ?? [];
        string[] external = spec.Type == "ExternalName" ? [spec.ExternalName] : [.. balancers.Concat(spec.ExternalIPs ?? [])];
        return new()
        {
            Name = service.Metadata.Name,
            Namespace = service.Metadata.NamespaceProperty,
            Cluster = cluster,
            Type = spec.Type,
            ClusterIP = spec.ClusterIP,
            ExternalIP = external,
            Ports = ports,
            NodePort = ports.FirstOrDefault()?.NodePort,
            Urls = [.. ports.Where(p => p.Protocol == "TCP").SelectMany(p => UrlsOf(service, p, external, nodes))],
            Age = KubeAge.Since(service.Metadata.CreationTimestamp, now),
            Object = service,
        };
    }

    private static IEnumerable<Uri> UrlsOf(V1Service service, KlServicePort port, IReadOnlyList<string> external, IReadOnlyList<V1Node> nodes)
    {
        var inside = $"{service.Metadata.Name}.{service.Metadata.NamespaceProperty}.svc";
        var at = service.Spec.Type switch
        {
            "NodePort" when port.NodePort is { } node => nodes.Where(KlNode.IsReady).OrderBy(n => n.Metadata.Name, StringComparer.Ordinal)
                .Select(n => (Host: KlNode.AddressOf(n, "ExternalIP") ?? KlNode.AddressOf(n, "InternalIP"), Port: node)),
            "LoadBalancer" => external.Select(host => (Host: (string?)host, port.Port)),
            "ExternalName" => [],
            _ => [((string?)inside, port.Port)],
        };
        var scheme = port.Port is 443 or 8443 ? "https" : "http";
        return at.Where(a => a.Host is not null).Select(a => new UriBuilder(scheme, a.Host, a.Port).Uri);
    }
}
