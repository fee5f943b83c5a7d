using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Workloads;

/// <summary>Waits until nothing is left.</summary>
internal static class Gone
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <exception cref="KlException">RemovalTimeout names what is left.</exception>
    public static Task WaitAsync<T>(KubeApi api, string ns, KubeSelector selector, string target, TimeSpan timeout, TimeProvider clock, CancellationToken stop)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Wait.UntilAsync(
            async token => await api.ListAsync<T>(ns, selector, token).Select(o => o.Metadata.Name).Order(StringComparer.Ordinal).ToListAsync(token),
            left => left.Count == 0 ? Verdict.Ready : Verdict.Pending($"there is still {string.Join(", ", left)}"),
            new(target, $"{ns}/{target} to be gone", timeout, Interval) { ErrorId = "Removal", NextStep = "A node that does not answer keeps its pods; look at Get-KlNode." },
            clock, stop);
}
