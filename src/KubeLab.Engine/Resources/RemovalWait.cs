using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Waits until objects are deleted.</summary>
internal static class RemovalWait
{
    /// <exception cref="KlException">RemovalTimeout names the remaining objects.</exception>
    public static Task WaitAsync<T>(KubeApi api, string ns, KubeSelector selector, string target, TimeSpan timeout, TimeProvider clock, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Wait.ForAsync(
            token => api.StatesAsync<T>(ns, selector, token),
            remaining => remaining.Count == 0 ? Verdict.Ready
                : Verdict.Pending($"not deleted yet: {string.Join(", ", remaining.Select(o => o.Metadata.Name).Order(StringComparer.Ordinal))}"),
            new(target, $"{ns}/{target} to be deleted", timeout)
            {
                FailedId = ErrorIds.RemovalFailed, TimeoutId = ErrorIds.RemovalTimeout,
                NextStep = "Check the nodes: pods on an unreachable node are not deleted."
            },
            clock, stop);
}
