using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Selects the pods of other objects, specified as KIND/NAME (kubectl: TYPE/NAME).</summary>
internal static class PodSelection
{
    /// <summary>Converts a scope with <see cref="KubeScope.Of"/> to the pods of this object: the pods that its selector matches, the pods on a node, or the
    /// pods in a namespace.</summary>
    /// <exception cref="KlException">ResourceNotFound, PodNotFound, KubeKindNotFound, and the errors of KubeApi.</exception>
    public static async Task<KubeScope> ScopeAsync(KubeApi api, KubeScope scope, CancellationToken stop)
    {
        if (scope.Of is not { } of)
            return scope;
        var seen = await FindAsync(api, scope.Namespace, of, stop);
        return seen.Kind switch
        {
            "Pod" => scope with { Fields = Combine(scope.Fields, KubeSelector.Field("metadata.name", seen.Name)) },
            "Node" => scope with { AllNamespaces = scope.Namespace is null, Fields = Combine(scope.Fields, KubeSelector.Field("spec.nodeName", seen.Name)) },
            "Namespace" => scope with { Namespace = seen.Name },
            _ => scope with { Labels = Combine(scope.Labels, Labels(seen, of)) },
        };
    }

    /// <summary>Returns an object and the most suitable of its pods: preferably running, then ready, then the oldest.</summary>
    /// <exception cref="KlException">PodNotFound, and the errors of <see cref="ScopeAsync"/>.</exception>
    public static async Task<(V1Pod Pod, KubeObject Of)> OneAsync(KubeApi api, string? ns, string of, CancellationToken stop)
    {
        var seen = await FindAsync(api, ns, of, stop);
        switch (seen.Kind)
        {
            case "Pod":
                return (seen.As<V1Pod>(), seen);
            case "Node" or "Namespace":
                // An arbitrary pod of a node or namespace is not useful.
                throw NoPods(of);
            default:
                var pods = await api.ListAsync<V1Pod>(seen.Namespace, Labels(seen, of), stop).ToListAsync(stop);
                var best = pods.OrderByDescending(pod => pod.Metadata.DeletionTimestamp is null).ThenByDescending(pod => pod.Status?.Phase == "Running")
                    .ThenByDescending(pod => pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true)
                    .ThenBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal).FirstOrDefault()
                    ?? throw new KlException(ErrorIds.PodNotFound, KlErrorKind.NotFound, of, $"{of} has no pods.",
                        "Show it with Format-List; its conditions and events explain why.");
                return (best, seen);
        }
    }

    private static async Task<KubeObject> FindAsync(KubeApi api, string? ns, string of, CancellationToken stop)
    {
        if (of.Split('/') is not [var type, var name])
            throw new KlException(ErrorIds.PodNotFound, KlErrorKind.InvalidInput, of, $"'{of}' is neither a pod name nor KIND/NAME.",
                "Specify a pod, such as web-1, or KIND/NAME, such as deployment/web.");
        var kind = await api.KindAsync(type, stop);
        ns = kind.Namespaced == false ? null : ns ?? api.DefaultNamespace;
        return await api.FindAsync(kind, ns, name, stop) ?? throw new KlException(ErrorIds.ResourceNotFound, KlErrorKind.NotFound, name,
            $"{kind.Kind} '{(ns is null ? "" : ns + "/")}{name}' was not found.");
    }

    private static string Labels(KubeObject seen, string of) => seen.Json["spec"]?["selector"] switch
    {
        JsonObject { Count: > 0 } selector when selector.ContainsKey("matchLabels") || selector.ContainsKey("matchExpressions") =>
            KubeSelector.Of(KubernetesJson.Deserialize<V1LabelSelector>(selector.ToJsonString())).Labels!,
        // Services and ReplicationControllers.
        JsonObject { Count: > 0 } labels => string.Join(',', labels.Select(label => $"{label.Key}={label.Value}")),
        _ => throw NoPods(of),
    };

    private static string Combine(string? one, string other) => string.IsNullOrEmpty(one) ? other : $"{one},{other}";

    private static KlException NoPods(string of) => new(ErrorIds.PodNotFound, KlErrorKind.InvalidInput, of, $"{of} selects no pods.",
        "Specify a pod, or an object that selects pods: a deployment, replica set, stateful set, daemon set, job or service.");
}
