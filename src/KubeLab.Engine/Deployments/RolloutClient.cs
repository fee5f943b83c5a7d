using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Lists the revisions of a deployment and rolls back to them.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class RolloutClient(KubeSession kube)
{
    // Annotations that belong to a ReplicaSet or to the current deployment and are not rolled back
    // (kubectl pkg/polymorphichelpers/rollback.go, annotationsToSkip).
    private static readonly HashSet<string> KeptAnnotations =
    [
        "kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas", "deprecated.deployment.rollback.to",
    ];

    /// <summary>Lists the revisions of a deployment, oldest first.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="wait">The maximum time to wait until the current rollout is complete, or null to return at once.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DeploymentNotFound, DeploymentFailed, DeploymentTimeout, and the errors of KubeApi.</exception>
    public async Task<IReadOnlyList<KlRollout>> ListAsync(string? cluster, string? ns, string name, TimeSpan? wait, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var deployment = await DeploymentClient.GetAsync(api, ns, name, stop);
        List<V1ReplicaSet>? seen = null;
        if (wait is { } timeout)
        {
            var rollout = new Rollout(api, deployment, api.Clock);
            deployment = await rollout.WaitAsync(timeout, events, stop);
            seen = OwnSets(rollout.Sets, deployment);
        }
        // The watch of the deployment can be ahead of the watch of its ReplicaSets.
        var sets = seen is [.., var last] && last.Status?.ReadyReplicas == deployment.Status?.ReadyReplicas ? seen : await SetsAsync(api, deployment, stop);
        var now = api.Clock.GetUtcNow();
        // The wait ended, so the rollout is complete.
        var verdict = wait is null ? await JudgeAsync(api, deployment, sets, now, stop) : Verdict.Ready;
        return [.. sets.Select((set, i) => new KlRollout
        {
            Name = name,
            Namespace = deployment.Metadata.NamespaceProperty,
            Cluster = api.Cluster,
            Revision = RolloutJudge.Revision(set),
            Status = i < sets.Count - 1 ? "Superseded"
                : verdict.State switch { VerdictState.Ready => "Complete", VerdictState.Failed => "Failed", _ => "Progressing" },
            Reason = i < sets.Count - 1 ? "" : verdict.Reason,
            Ready = set.Status?.ReadyReplicas ?? 0,
            Images = [.. set.Spec.Template.Spec.Containers.Select(c => c.Image)],
            ChangeCause = set.Metadata.Annotations?.TryGetValue("kubernetes.io/change-cause", out var cause) == true ? cause : null,
            Age = KubeAge.Since(set.Metadata.CreationTimestamp, now),
            Object = set,
        })];
    }

    /// <summary>Rolls back to a revision and waits until its pods are available.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="revision">The revision, or null for the previous one.</param>
    /// <param name="timeout">The maximum time to wait, or null to return at once.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DeploymentNotFound, RevisionNotFound, DeploymentPaused, DeploymentFailed, DeploymentTimeout, and the errors of
    /// KubeApi.</exception>
    public async Task<KlDeployment> UndoAsync(string? cluster, string? ns, string name, long? revision, TimeSpan? timeout, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var existing = await DeploymentClient.GetAsync(api, ns, name, stop);
        DeploymentClient.CheckNotPaused(existing);
        var sets = await SetsAsync(api, existing, stop);
        var target = (revision is { } number ? sets.Find(s => RolloutJudge.Revision(s) == number) : sets.Count > 1 ? sets[^2] : null)
            ?? throw new KlException(ErrorIds.RevisionNotFound, KlErrorKind.NotFound, name,
                $"{name} has no revision {(revision is { } none ? none.ToString(CultureInfo.InvariantCulture) : "before the current one")}."
                + $" Its revisions: {string.Join(", ", sets.Select(RolloutJudge.Revision))}.",
                "spec.revisionHistoryLimit limits how many revisions are kept.");
        if (target == sets[^1])
            return await DeploymentClient.FinishAsync(api, existing, existing, "", timeout, events, stop);
        // Read as JSON, so that fields unknown to the model are kept.
        var template = (await api.FindJsonAsync<V1ReplicaSet>(target.Metadata.Name, target.Metadata.NamespaceProperty,
            stop))!["spec"]!["template"]!.DeepClone();
        template["metadata"]?["labels"]?.AsObject().Remove("pod-template-hash");
        var annotations = (existing.Metadata.Annotations ?? new Dictionary<string, string>()).Where(a => KeptAnnotations.Contains(a.Key))
            .Concat((target.Metadata.Annotations ?? new Dictionary<string, string>()).Where(a => !KeptAnnotations.Contains(a.Key)));
        JsonObject Put(string path, JsonNode value) => new() { ["op"] = "add", ["path"] = path, ["value"] = value };
        var after = await api.EditAsync<V1Deployment>(name, existing.Metadata.NamespaceProperty,
            [Put("/spec/template", template), Put("/metadata/annotations",
                new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))))], stop);
        return await DeploymentClient.FinishAsync(api, existing, after, $"rolled back to revision {RolloutJudge.Revision(target)}", timeout, events, stop);
    }

    private static async Task<Verdict> JudgeAsync(KubeApi api, V1Deployment deployment, IEnumerable<V1ReplicaSet> sets, DateTimeOffset now,
        CancellationToken stop)
    {
        var judge = new RolloutJudge();
        judge.Observe(new KubeChange<V1Deployment>(WatchEventType.Added, deployment));
        foreach (var set in sets)
            judge.Observe(new KubeChange<V1ReplicaSet>(WatchEventType.Added, set));
        await foreach (var pod in api.ListAsync<V1Pod>(deployment.Metadata.NamespaceProperty, KubeSelector.Of(deployment.Spec.Selector), stop))
            judge.Observe(new KubeChange<V1Pod>(WatchEventType.Added, pod));
        return judge.Judge(now);
    }

    private static async Task<List<V1ReplicaSet>> SetsAsync(KubeApi api, V1Deployment deployment, CancellationToken stop) =>
        OwnSets(await api.ListAsync<V1ReplicaSet>(deployment.Metadata.NamespaceProperty, KubeSelector.Of(deployment.Spec.Selector), stop).ToListAsync(stop),
            deployment);

    private static List<V1ReplicaSet> OwnSets(IEnumerable<V1ReplicaSet> sets, V1Deployment deployment) =>
        [.. sets.Where(set => RolloutJudge.Owns(set, deployment.Metadata.Uid)).OrderBy(RolloutJudge.Revision)];
}
