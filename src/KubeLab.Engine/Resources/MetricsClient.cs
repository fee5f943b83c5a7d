using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Reads the resource usage of nodes and pods from the metrics API of metrics-server.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class MetricsClient(KubeSession kube)
{
    private const string Root = "apis/metrics.k8s.io/v1beta1";

    /// <summary>Lists the usage of nodes.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="scope">The nodes to list. The namespace is ignored.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">MetricsNotInstalled, and the errors of KubeApi.</exception>
    public async IAsyncEnumerable<KlMetric> NodesAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var measured = await ReadAsync(api, "nodes", scope, stop);
        var nodes = await api.ListAsync<V1Node>(null, (string?)null, stop).ToDictionaryAsync(n => n.Metadata.Name, cancellationToken: stop);
        foreach (var (name, item) in measured)
        {
            var (cpu, memory) = Amount(item["usage"]!);
            var allocatable = nodes.GetValueOrDefault(name)?.Status?.Allocatable;
            yield return new()
            {
                Name = name, Cluster = api.Cluster, Cpu = cpu, Memory = (long)memory,
                CpuPercent = Percent(cpu, allocatable, "cpu"), MemoryPercent = Percent(memory, allocatable, "memory"),
            };
        }
    }

    /// <summary>Lists the usage of pods, as the sum of their containers.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="scope">The objects to list.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">MetricsNotInstalled, and the errors of KubeApi.</exception>
    public async IAsyncEnumerable<KlMetric> PodsAsync(string? cluster, KubeScope scope, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        scope = await PodSelection.ScopeAsync(api, scope, stop);
        var path = scope.AllNamespaces ? "pods" : $"namespaces/{KubeKind.Segment(scope.Namespace ?? api.DefaultNamespace)}/pods";
        // The metrics API supports only label selectors, so the pods of a node are selected here.
        var pods = scope.Of is null ? null : await api.ListAsync<V1Pod>(scope.AllNamespaces ? null : scope.Namespace ?? api.DefaultNamespace, scope.Selector,
            stop)
            .Select(pod => (pod.Metadata.NamespaceProperty, pod.Metadata.Name)).ToHashSetAsync(cancellationToken: stop);
        foreach (var (name, item) in await ReadAsync(api, path, scope, stop))
        {
            var ns = (string)item["metadata"]!["namespace"]!;
            if (pods?.Contains((ns, name)) == false)
                continue;
            var used = item["containers"]!.AsArray().Select(container => Amount(container!["usage"]!)).ToList();
            yield return new() { Name = name, Namespace = ns, Cluster = api.Cluster, Cpu = used.Sum(u => u.Cpu), Memory = (long)used.Sum(u => u.Memory) };
        }
    }

    private static async Task<IEnumerable<(string Name, JsonNode Item)>> ReadAsync(KubeApi api, string path, KubeScope scope, CancellationToken stop)
    {
        try
        {
            var list = await api.SendAsync<JsonObject>(HttpMethod.Get, $"{Root}/{path}?{new KubeSelector(scope.Labels).Query.TrimStart('&')}", null, stop);
            return list["items"]!.AsArray().Select(item => (Name: (string)item!["metadata"]!["name"]!, Item: item))
                .Where(item => scope.Matches?.Invoke(item.Name) != false)
                .OrderBy(item => item.Name, StringComparer.Ordinal);
        }
        catch (KlException error) when (error.InnerException is KubeStatusException { Code: 404 or 503 } status)
        {
            throw new KlException(ErrorIds.MetricsNotInstalled, KlErrorKind.NotInstalled, api.Cluster,
                status.Code == 404 ? $"{api.Cluster} serves no metrics: metrics-server is not installed."
                    : $"{api.Cluster} serves no metrics: metrics-server does not respond: {error.Message}",
                "Install metrics-server (github.com/kubernetes-sigs/metrics-server), or check its pod in kube-system.", error);
        }
    }

    private static (decimal Cpu, decimal Memory) Amount(JsonNode usage) =>
        (new ResourceQuantity((string)usage["cpu"]!).ToDecimal(), new ResourceQuantity((string)usage["memory"]!).ToDecimal());

    private static int? Percent(decimal used, IDictionary<string, ResourceQuantity>? allocatable, string what) =>
        allocatable?.TryGetValue(what, out var all) == true && all.ToDecimal() > 0 ? (int)(used * 100 / all.ToDecimal()) : null;
}
