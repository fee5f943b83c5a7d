namespace KubeLab;

/// <summary>A context of the user's kubeconfig, as kubectl config get-contexts shows it.</summary>
/// <param name="Name">Its name; a KubeLab cluster's is kubelab-NAME.</param>
/// <param name="Current">Whether it is the one that cmdlets and kubectl take where none is named.</param>
/// <param name="Server">Its API server, where the kubeconfig names one.</param>
/// <param name="User">Its user's entry.</param>
/// <param name="Namespace">Its namespace, or default.</param>
public sealed record KlContext(string Name, bool Current, Uri? Server, string? User, string Namespace)
{
    /// <summary>What -Cluster takes for it.</summary>
    public string Cluster => Name;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
