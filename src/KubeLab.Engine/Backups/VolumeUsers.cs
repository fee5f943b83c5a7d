using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Backups;

/// <summary>The Deployments and StatefulSets whose pods use volumes. They are stopped while the data is copied.</summary>
/// <param name="api">The cluster.</param>
/// <param name="clock">The clock.</param>
internal sealed class VolumeUsers(KubeApi api, TimeProvider clock)
{
    // The replicas before a backup. If the backup is killed, the next one starts the workload again.
    private const string Annotation = "org.kubelab/replicas-before-backup";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private readonly List<Workload> _stopped = [];

    /// <summary>Sets the replicas of the workloads to 0 and waits until no pod uses the volumes.</summary>
    /// <param name="claims">The claims: NAMESPACE/CLAIM.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">WorkloadNotStopped: a pod continues, or has no Deployment or StatefulSet.</exception>
    public async Task StopAsync(IReadOnlySet<string> claims, IProgress<LabEvent> events, CancellationToken stop)
    {
        var all = await WorkloadsAsync(stop);
        var users = await UsersAsync(claims, stop);
        if (users.FirstOrDefault(pod => OwnerOf(pod, all) is null) is { } other)
            throw new KlException(ErrorIds.WorkloadNotStopped, KlErrorKind.Failed, other.Metadata.Name,
                $"The pod {other.Namespace()}/{other.Name()} uses a volume and does not belong to a Deployment or StatefulSet, so it cannot be stopped.",
                "Delete the pod, or save the cluster without volumes.");
        foreach (var workload in users.Select(pod => OwnerOf(pod, all)!).Concat(all.Where(one => one.Before is not null)).DistinctBy(one => one.Uid))
        {
            events.Step(api.Cluster, $"Stopping {workload}");
            _stopped.Add(workload);
            await ScaleAsync(workload, 0, $"{workload.Replicas}", stop);
        }
        await Wait.UntilAsync(
            token => UsersAsync(claims, token),
            pods => pods.Count == 0 ? Verdict.Ready : Verdict.Pending($"the pod {pods[0].Namespace()}/{pods[0].Name()} still runs"),
            new(api.Cluster, "the pods that use volumes to stop", StopTimeout, TimeSpan.FromMilliseconds(500))
            {
                FailedId = ErrorIds.WorkloadNotStopped, TimeoutId = ErrorIds.WorkloadNotStopped,
            },
            clock, stop, reason => events.Detail(api.Cluster, reason));
    }

    /// <summary>Sets the replicas to their number before. Also after a cancellation.</summary>
    public async Task StartAsync(IProgress<LabEvent> events)
    {
        using var limit = new TimeLimit(StartTimeout, clock, CancellationToken.None);
        foreach (var workload in _stopped)
            try
            {
                await ScaleAsync(workload, workload.Replicas, null, limit.Token);
            }
            catch (Exception error) when (error is KlException or OperationCanceledException)
            {
                events.Warning(api.Cluster, $"{workload} was not started again: {error.Message}. Scale it to {workload.Replicas} replicas");
            }
    }

    private async Task<List<V1Pod>> UsersAsync(IReadOnlySet<string> claims, CancellationToken stop) =>
        await api.ListAsync<V1Pod>(null, new KubeSelector(), stop).Where(pod => pod.Status?.Phase is not ("Succeeded" or "Failed")
            && pod.Spec.Volumes?.Any(volume => volume.PersistentVolumeClaim is { } claim && claims.Contains($"{pod.Namespace()}/{claim.ClaimName}")) == true)
        .ToListAsync(stop);

    private async Task<List<Workload>> WorkloadsAsync(CancellationToken stop)
    {
        var sets = await api.ListAsync<V1ReplicaSet>(null, new KubeSelector(), stop).ToListAsync(stop);
        var all = new List<Workload>();
        await foreach (var one in api.ListAsync<V1Deployment>(null, new KubeSelector(), stop))
            all.Add(new("deployment", one.Metadata, one.Spec.Replicas ?? 1)
            {
                Owners = [.. sets.Where(set => OwnerUid(set) == one.Uid()).Select(set => set.Uid())],
            });
        await foreach (var one in api.ListAsync<V1StatefulSet>(null, new KubeSelector(), stop))
            all.Add(new("statefulset", one.Metadata, one.Spec.Replicas ?? 1) { Owners = [one.Uid()] });
        return all;
    }

    private static Workload? OwnerOf(V1Pod pod, IEnumerable<Workload> all) =>
        OwnerUid(pod) is { } owner ? all.FirstOrDefault(one => one.Owners.Contains(owner)) : null;

    private static string? OwnerUid(IKubernetesObject<V1ObjectMeta> one) =>
        one.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true)?.Uid;

    private async Task ScaleAsync(Workload workload, int replicas, string? annotation, CancellationToken stop)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotation] = annotation } },
            ["spec"] = new JsonObject { ["replicas"] = replicas },
        };
        if (workload.Kind == "deployment")
            await api.PatchAsync<V1Deployment>(workload.Name, workload.Namespace, patch, stop);
        else
            await api.PatchAsync<V1StatefulSet>(workload.Name, workload.Namespace, patch, stop);
    }

    /// <summary>A Deployment or StatefulSet.</summary>
    private sealed record Workload(string Kind, V1ObjectMeta Metadata, int Current)
    {
        public string Name => Metadata.Name;

        public string Namespace => Metadata.NamespaceProperty;

        public string Uid => Metadata.Uid;

        // The owners of its pods.
        public IReadOnlyList<string> Owners { get; init; } = [];

        // What a backup that was killed recorded.
        public int? Before => Metadata.Annotations?.TryGetValue(Annotation, out var text) == true
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

        public int Replicas => Before ?? Current;

        public override string ToString() => $"{Kind}/{Name} in {Namespace}";
    }
}
