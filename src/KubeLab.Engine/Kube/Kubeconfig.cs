namespace KubeLab.Engine.Kube;

/// <summary>The user's kubeconfig, as kubectl finds it: KUBECONFIG, or ~/.kube/config.</summary>
public static class Kubeconfig
{
    /// <summary>The context name of a KubeLab cluster.</summary>
    public static string ContextOf(string cluster) => "kubelab-" + cluster;

    /// <summary>Merges the one cluster, user and context of <paramref name="adminConf"/> (kubeadm's admin.conf) into the user's
    /// file under the name <see cref="ContextOf"/> gives and makes it the current context. All else in the file stays as it is; the file is 0600.</summary>
    /// <returns>False where it already stood there so.</returns>
    public static Task<bool> MergeAsync(string cluster, string adminConf, Uri server, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Removes what <see cref="MergeAsync"/> added. Absent is done.</summary>
    public static Task RemoveAsync(string cluster, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>KubeLab's clusters in the file: name and API server.</summary>
    public static Task<IReadOnlyDictionary<string, Uri>> ListAsync(CancellationToken stop) => throw new NotSupportedException();
}
