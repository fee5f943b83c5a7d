using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>The pods of other objects, which are named KIND/NAME, as kubectl takes TYPE/NAME.</summary>
internal static class PodSelection
{
    /// <summary>Where <see cref="KubeScope.Of"/> names an object, its pods: those its selector picks, those on a node, those in a namespace.</summary>
    /// <exception cref="KlException">ResourceNotFound, PodsNone, KubeKindUnknown, and KubeApi's.</exception>
    public static async Task<KubeScope> ScopeAsync(KubeApi api, KubeScope scope, CancellationToken stop)
    {
        if (scope.Of is not { } of)
            return scope;
        var seen = await FindAsync(api, scope.Namespace, of, stop);
        return seen.Kind switch
        {
            "Pod" => scope with { Fields = Both(scope.Fields, KubeSelector.Field("metadata.name", seen.Name)) },
            "Node" => scope with { AllNamespaces = scope.Namespace is null, Fields = Both(scope.Fields, KubeSelector.Field("spec.nodeName", seen.Name)) },
            "Namespace" => scope with { Namespace = seen.Name },
            _ => scope with { Labels = Both(scope.Labels, Labels(seen, of)) },
        };
    }

    /// <summary>An object, and the one of its pods that a program or a connection fares best with: it runs, it is ready, and it is the oldest.</summary>
    /// <exception cref="KlException">PodNotFound, PodsNone, and those of <see cref="ScopeAsync"/>.</exception>
    public static async Task<(V1Pod Pod, KubeObject Of)> OneAsync(KubeApi api, string? ns, string of, CancellationToken stop)
    {
        var seen = await FindAsync(api, ns, of, stop);
        switch (seen.Kind)
        {
            case "Pod":
                return (seen.As<V1Pod>(), seen);
            case "Node" or "Namespace":
                // Any of its pods would be as good as none.
                throw None(of);
            default:
                var pods = await api.ListAsync<V1Pod>(seen.Namespace, Labels(seen, of), stop).ToListAsync(stop);
                var best = pods.OrderByDescending(pod => pod.Metadata.DeletionTimestamp is null).ThenByDescending(pod => pod.Status?.Phase == "Running")
                    .ThenByDescending(pod => pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true)
                    .ThenBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal).FirstOrDefault()
                    ?? throw new KlException(ErrorIds.PodNotFound, KlErrorKind.NotFound, of, $"{of} has no pod.", "Look at it with Format-List: its conditions and events say why.");
                return (best, seen);
        }
    }

    private static async Task<KubeObject> FindAsync(KubeApi api, string? ns, string of, CancellationToken stop)
    {
        if (of.Split('/') is not [var type, var name])
            throw new KlException(ErrorIds.PodNotFound, KlErrorKind.InvalidInput, of, $"{of} is neither a pod's name nor KIND/NAME.", "Give one of them, as in web-1 or deployment/web.");
        var kind = await api.KindAsync(type, stop);
        ns = kind.Namespaced == false ? null : ns ?? api.DefaultNamespace;
        return await api.FindAsync(kind, ns, name, stop) ?? throw new KlException(ErrorIds.ResourceNotFound, KlErrorKind.NotFound, name,
            $"There is no {kind.Kind} {(ns is null ? "" : ns + "/")}{name}.", $"Get-KlResource {kind.Plural} lists those there are.");
    }

    private static string Labels(KubeObject seen, string of) => seen.Json["spec"]?["selector"] switch
    {
        JsonObject { Count: > 0 } selector when selector.ContainsKey("matchLabels") || selector.ContainsKey("matchExpressions") =>
            KubeSelector.Of(KubernetesJson.Deserialize<V1LabelSelector>(selector.ToJsonString())).Labels!,
        // Of a Service and of a ReplicationController.
        JsonObject { Count: > 0 } labels => string.Join(',', labels.Select(label => $"{label.Key}={label.Value}")),
        _ => throw None(of),
    };

    private static string Both(string? one, string other) => string.IsNullOrEmpty(one) ? other : $"{one},{other}";

    private static KlException None(string of) => new(ErrorIds.PodsNone, KlErrorKind.InvalidInput, of, $"{of} selects no pods.",
        "Name a pod, or what selects pods: a deployment, replica set, stateful set, daemon set, job or service.");
}
