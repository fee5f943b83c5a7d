using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Waits until nothing is left.</summary>
internal static class RemovalWait
{
    /// <exception cref="KlException">RemovalTimeout names what is left.</exception>
    public static Task WaitAsync<T>(KubeApi api, string ns, KubeSelector selector, string target, TimeSpan timeout, TimeProvider clock, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Wait.ForAsync(
            token => api.StatesAsync<T>(ns, selector, token),
            left => left.Count == 0 ? Verdict.Ready : Verdict.Pending($"there is still {string.Join(", ", left.Select(o => o.Metadata.Name).Order(StringComparer.Ordinal))}"),
            new(target, $"{ns}/{target} to be gone", timeout) { FailedId = ErrorIds.RemovalFailed, TimeoutId = ErrorIds.RemovalTimeout, NextStep = "A node that does not answer keeps its pods; look at Get-KlNode." },
            clock, stop);
}
