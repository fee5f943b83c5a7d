namespace KubeLab;

/// <summary>A context of the user's kubeconfig, as in kubectl config get-contexts.</summary>
/// <param name="Name">The context's name. For a KubeLab cluster, it is kubelab-NAME.</param>
/// <param name="Current">Whether it is the current context, which cmdlets and kubectl use by default.</param>
/// <param name="Server">The API server, or null if the kubeconfig does not contain it.</param>
/// <param name="User">The name of the user entry.</param>
/// <param name="Namespace">The namespace. Default: default.</param>
public sealed record KlContext(string Name, bool Current, string? Server, string? User, string Namespace)
{
    /// <summary>The value for the parameter -Cluster.</summary>
    public string Cluster => Name;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
