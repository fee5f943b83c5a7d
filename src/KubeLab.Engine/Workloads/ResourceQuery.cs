using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Workloads;

/// <summary>Which objects of any kind.</summary>
/// <param name="Kind">As kubectl takes it: Deployment, deployments, deploy, deployments.apps.</param>
/// <param name="Scope">Where, and which names.</param>
/// <param name="Fields">A field selector as kubectl's --field-selector takes it, or null.</param>
public sealed record ResourceQuery(string Kind, KubeScope Scope, string? Fields = null)
{
    internal KubeSelector Selector => new(Scope.Labels, Fields);

    internal string? Namespace(KubeApi api, KubeKind kind) => kind.Namespaced == false || Scope.AllNamespaces ? null : Scope.Namespace ?? api.DefaultNamespace;

    internal bool Matches(KubeObject one) => Scope.Matches?.Invoke(one.Name) != false;
}
