using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>A deployment's revisions: looked at, gone back to.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class RolloutClient(KubeSession kube)
{
    // What belongs to a revision's ReplicaSet or to the deployment as it is, not to what is gone back to (kubectl pkg/polymorphichelpers/rollback.go, annotationsToSkip).
    private static readonly HashSet<string> Kept =
    [
        "kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas", "deprecated.deployment.rollback.to",
    ];

    /// <summary>The revisions of a deployment, oldest first.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="wait">How long to wait until the present one is complete, or null: not at all.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">DeploymentNotFound, DeploymentFailed, DeploymentTimeout, and KubeApi's.</exception>
    public async Task<IReadOnlyList<KlRollout>> ListAsync(string? cluster, string? ns, string name, TimeSpan? wait, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var deployment = await DeploymentClient.GetAsync(api, ns, name, stop);
        List<V1ReplicaSet>? seen = null;
        if (wait is { } timeout)
        {
            var rollout = new Rollout(api, deployment, api.Clock);
            deployment = await rollout.WaitAsync(timeout, events, stop);
            seen = Own(rollout.Sets, deployment);
        }
        // Where the deployment's watch was ahead of its ReplicaSets', they have to be asked for.
        var sets = seen is [.., var last] && last.Status?.ReadyReplicas == deployment.Status?.ReadyReplicas ? seen : await SetsAsync(api, deployment, stop);
        var now = api.Clock.GetUtcNow();
        // What was waited for is complete.
        var verdict = wait is null ? await JudgeAsync(api, deployment, sets, now, stop) : Verdict.Ready;
        return [.. sets.Select((set, i) => new KlRollout
        {
            Name = name,
            Namespace = deployment.Metadata.NamespaceProperty,
            Cluster = api.Cluster,
            Revision = RolloutJudge.Revision(set),
            Status = i < sets.Count - 1 ? "Superseded" : verdict.State switch { VerdictState.Ready => "Complete", VerdictState.Failed => "Failed", _ => "Progressing" },
            Reason = i < sets.Count - 1 ? "" : verdict.Reason,
            Ready = set.Status?.ReadyReplicas ?? 0,
            Images = [.. set.Spec.Template.Spec.Containers.Select(c => c.Image)],
            ChangeCause = set.Metadata.Annotations?.TryGetValue("kubernetes.io/change-cause", out var cause) == true ? cause : null,
            Age = KubeAge.Since(set.Metadata.CreationTimestamp, now),
            Object = set,
        })];
    }

    /// <summary>Goes back to a revision and waits until its pods are available.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="name">The deployment.</param>
    /// <param name="revision">Which, or null: the one before the present.</param>
    /// <param name="timeout">How long to wait for it, or null: not at all.</param>
    /// <param name="events">What goes on.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">DeploymentNotFound, RevisionNotFound, DeploymentPaused, DeploymentFailed, DeploymentTimeout, and KubeApi's.</exception>
    public async Task<KlDeployment> UndoAsync(string? cluster, string? ns, string name, long? revision, TimeSpan? timeout, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var there = await DeploymentClient.GetAsync(api, ns, name, stop);
        DeploymentClient.NotPaused(there);
        var sets = await SetsAsync(api, there, stop);
        var target = (revision is { } asked ? sets.Find(s => RolloutJudge.Revision(s) == asked) : sets.Count > 1 ? sets[^2] : null)
            ?? throw new KlException(ErrorIds.RevisionNotFound, KlErrorKind.NotFound, name,
                $"{name} has no revision {(revision is { } none ? none.ToString(CultureInfo.InvariantCulture) : "before the present one")}; it has {string.Join(", ", sets.Select(RolloutJudge.Revision))}.",
                "Get-KlRollout shows them; spec.revisionHistoryLimit says how many are kept.");
        if (target == sets[^1])
            return await DeploymentClient.FinishAsync(api, there, there, "", timeout, events, stop);
        // As the server sent it, so that no field is lost that a model does not know.
        var template = (await api.FindWholeAsync<V1ReplicaSet>(target.Metadata.Name, target.Metadata.NamespaceProperty, stop))!["spec"]!["template"]!.DeepClone();
        template["metadata"]?["labels"]?.AsObject().Remove("pod-template-hash");
        var annotations = (there.Metadata.Annotations ?? new Dictionary<string, string>()).Where(a => Kept.Contains(a.Key))
            .Concat((target.Metadata.Annotations ?? new Dictionary<string, string>()).Where(a => !Kept.Contains(a.Key)));
        JsonObject Put(string path, JsonNode value) => new() { ["op"] = "add", ["path"] = path, ["value"] = value };
        var after = await api.EditAsync<V1Deployment>(name, there.Metadata.NamespaceProperty,
            [Put("/spec/template", template), Put("/metadata/annotations", new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))))], stop);
        return await DeploymentClient.FinishAsync(api, there, after, $"back at what revision {RolloutJudge.Revision(target)} was", timeout, events, stop);
    }

    private static async Task<Verdict> JudgeAsync(KubeApi api, V1Deployment deployment, IEnumerable<V1ReplicaSet> sets, DateTimeOffset now, CancellationToken stop)
    {
        var judge = new RolloutJudge();
        judge.See(new KubeChange<V1Deployment>(WatchEventType.Added, deployment));
        foreach (var set in sets)
            judge.See(new KubeChange<V1ReplicaSet>(WatchEventType.Added, set));
        await foreach (var pod in api.ListAsync<V1Pod>(deployment.Metadata.NamespaceProperty, KubeSelector.Of(deployment.Spec.Selector), stop))
            judge.See(new KubeChange<V1Pod>(WatchEventType.Added, pod));
        return judge.Judge(now);
    }

    private static async Task<List<V1ReplicaSet>> SetsAsync(KubeApi api, V1Deployment deployment, CancellationToken stop) =>
        Own(await api.ListAsync<V1ReplicaSet>(deployment.Metadata.NamespaceProperty, KubeSelector.Of(deployment.Spec.Selector), stop).ToListAsync(stop), deployment);

    private static List<V1ReplicaSet> Own(IEnumerable<V1ReplicaSet> sets, V1Deployment deployment) =>
        [.. sets.Where(set => RolloutJudge.Owns(set, deployment.Metadata.Uid)).OrderBy(RolloutJudge.Revision)];
}
