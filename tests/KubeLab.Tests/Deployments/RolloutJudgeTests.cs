using k8s;
using k8s.Models;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Tests.Deployments;

public sealed class RolloutJudgeTests
{
    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly RolloutJudge _judge = new();

    [Theory]
    [InlineData(2, """{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"availableReplicas":2}""", VerdictState.Pending)]
    [InlineData(2, """{"observedGeneration":2,"replicas":3,"updatedReplicas":2,"availableReplicas":2}""", VerdictState.Pending)]
    [InlineData(2, """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":1}""", VerdictState.Pending)]
    [InlineData(2, """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}""", VerdictState.Ready)]
    [InlineData(1, """{"observedGeneration":2,"replicas":3,"updatedReplicas":3,"availableReplicas":3}""", VerdictState.Pending)]
    [InlineData(0, """{"observedGeneration":2}""", VerdictState.Ready)]
    [InlineData(2, """{"observedGeneration":2,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"late"}]}""",
        VerdictState.Failed)]
    public void A_rollout_is_complete_when_all_replicas_are_updated_and_available(int replicas, string status, VerdictState expected)
    {
        Deploy(status, replicas);
        Assert.Equal(expected, _judge.Judge(_start).State);
    }

    [Fact]
    public void A_missing_image_fails_at_the_first_back_off()
    {
        Deploy();
        Pod(Waiting("ErrImagePull", "code = NotFound desc = r/web: not found"));
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Pod(Waiting("ImagePullBackOff", "Back-off pulling image"));
        var verdict = _judge.Judge(_start);
        Assert.Equal(VerdictState.Failed, verdict.State);
        Assert.Contains("r/web: not found", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rejected_registry_login_is_retried()
    {
        Deploy();
        foreach (var expected in (VerdictState[])[VerdictState.Pending, VerdictState.Failed])
        {
            Pod(Waiting("ErrImagePull", "failed with status code [manifests v1]: 401 Unauthorized"));
            Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
            Pod(Waiting("ImagePullBackOff", "Back-off pulling image"));
            Assert.Equal(expected, _judge.Judge(_start).State);
        }
    }

    [Fact]
    public void Other_pull_errors_are_retried_three_times()
    {
        Deploy();
        for (var tries = 1; tries <= 3; tries++)
        {
            Pod(Waiting("ErrImagePull", "dial tcp: i/o timeout"));
            Pod(Waiting("ErrImagePull", "dial tcp: i/o timeout"));
            Assert.Equal(tries < 3 ? VerdictState.Pending : VerdictState.Failed, _judge.Judge(_start).State);
            Pod(Waiting("ImagePullBackOff", "Back-off pulling image"));
        }
    }

    [Fact]
    public void An_earlier_failed_pull_is_retried_once()
    {
        Deploy("""{"observedGeneration":2,"replicas":1,"conditions":["""
            + """{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"late"}]}""");
        Pod(Waiting("ImagePullBackOff", "Back-off pulling image"));
        Assert.Equal(["pod-1"], _judge.TakeFailedPods());
        Assert.Empty(_judge.TakeFailedPods());

        Pod("", """ "phase":"Pending" """, uid: "replacement");
        Gone("p");
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Pod(Waiting("ErrImagePull", "dial tcp: i/o timeout"), uid: "replacement");
        Assert.Equal(VerdictState.Failed, _judge.Judge(_start).State);
        Assert.Contains("i/o timeout", _judge.Judge(_start).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ErrImagePull", "new", true)]
    [InlineData("ErrImagePull", "old", false)]
    [InlineData("ContainerCreating", "new", false)]
    public void Only_pods_of_the_newest_template_with_failed_pulls_are_retried(string reason, string set, bool isTried)
    {
        Deploy();
        _judge.Observe(new KubeChange<V1ReplicaSet>(WatchEventType.Added, Read<V1ReplicaSet>(Set("old", 1))));
        Pod(Waiting(reason, ""), set: set);
        Pod(Waiting("ErrImagePull", "not found"), set: set);
        Assert.Equal(isTried ? 1 : 0, _judge.TakeFailedPods().Count);
    }

    [Fact]
    public void A_pod_that_crashed_before_is_replaced_once()
    {
        Deploy();
        Pod(Container(2, Waiting("CrashLoopBackOff", "back-off")));
        Assert.Equal(["pod-1"], _judge.TakeFailedPods());
        Assert.Empty(_judge.TakeFailedPods());
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);

        Gone("p");
        Pod(Container(1, Waiting("CrashLoopBackOff", "back-off")), uid: "replacement");
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Pod(Container(2, Waiting("CrashLoopBackOff", "back-off")), uid: "replacement");
        Assert.Equal(VerdictState.Failed, _judge.Judge(_start).State);
        Assert.Empty(_judge.TakeFailedPods());
    }

    // The start was before the cause of the crashes was removed.
    [Fact]
    public void The_crash_of_a_container_that_was_already_running_is_not_a_failure()
    {
        Deploy();
        Pod(Container(2, """ "state":{"running":{}} """));
        Pod(Container(2, Waiting("CrashLoopBackOff", "back-off")));
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Pod(Container(3, Waiting("CrashLoopBackOff", "back-off")));
        Assert.Equal(VerdictState.Failed, _judge.Judge(_start).State);
    }

    [Fact]
    public void A_failed_pull_of_an_init_container_is_judged()
    {
        Deploy();
        Pod("", $"\"initContainerStatuses\":[{Container(0, Waiting("ErrImagePull", "code = NotFound desc = r/init: not found"))}]");
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Assert.Contains("r/init: not found", _judge.Judge(_start).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crashing_container_fails_with_its_exit_code()
    {
        Deploy();
        const string Last = ""","lastState":{"terminated":{"exitCode":3,"reason":"Error"}}""";
        Pod(Container(1, Waiting("CrashLoopBackOff", "back-off") + Last));
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Pod(Container(2, Waiting("CrashLoopBackOff", "back-off") + Last));
        var verdict = _judge.Judge(_start);
        Assert.Equal(VerdictState.Failed, verdict.State);
        Assert.Contains("exit code 3", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(("pod-1", "web", false), _judge.FailedContainer);
    }

    [Fact]
    public void An_unschedulable_pod_fails_after_a_delay_with_the_schedulers_message()
    {
        Deploy();
        Pod("", """ "conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/4 nodes are available"}] """);
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        var verdict = _judge.Judge(_start.AddSeconds(31));
        Assert.Equal(VerdictState.Failed, verdict.State);
        Assert.Contains("0/4 nodes are available", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejected_pods_fail_after_a_delay()
    {
        Deploy("""{"observedGeneration":2,"conditions":[{"type":"ReplicaFailure","status":"True","message":"exceeded quota"}]}""");
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Assert.Equal(new Verdict(VerdictState.Failed, "its pods cannot be created: exceeded quota"), _judge.Judge(_start.AddSeconds(16)));
    }

    [Fact]
    public void Pods_of_older_templates_are_ignored()
    {
        Deploy();
        _judge.Observe(new KubeChange<V1ReplicaSet>(WatchEventType.Added, Read<V1ReplicaSet>(Set("old", 1))));
        Pod(Container(9, Waiting("CrashLoopBackOff", "back-off")), set: "old");
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Assert.Null(_judge.FailedContainer);
    }

    [Fact]
    public void A_deleted_deployment_fails()
    {
        Assert.Equal(VerdictState.Pending, _judge.Judge(_start).State);
        Deploy();
        _judge.Observe(new KubeChange<V1Deployment>(WatchEventType.Deleted, _judge.Deployment!));
        Assert.Equal(VerdictState.Failed, _judge.Judge(_start).State);
    }

    [Fact]
    public void A_pending_rollout_reports_its_progress()
    {
        Deploy("""{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":1}""");
        Pod(Waiting("ContainerCreating", ""));
        Assert.Equal("1 of 2 replicas available; pod-1 is ContainerCreating on n1", _judge.Judge(_start).Reason);
    }

    private void Deploy(string status = """{"observedGeneration":2,"replicas":1}""", int replicas = 2)
    {
        _judge.Observe(new KubeChange<V1Deployment>(WatchEventType.Added, Read<V1Deployment>(
            $$"""{"metadata":{"name":"web","uid":"d","generation":2},"spec":{"replicas":{{replicas}} },"status":{{status}} }""")));
        _judge.Observe(new KubeChange<V1ReplicaSet>(WatchEventType.Added, Read<V1ReplicaSet>(Set("new", 2))));
    }

    private void Gone(string uid) => _judge.Observe(new KubeChange<V1Pod>(WatchEventType.Deleted,
        Read<V1Pod>($$"""{"metadata":{"name":"pod-1","uid":"{{uid}}"} }""")));

    private void Pod(string container, string status = "", string set = "new", string uid = "p") =>
        _judge.Observe(new KubeChange<V1Pod>(WatchEventType.Modified, Read<V1Pod>($$"""
        {"metadata":{"name":"pod-1","uid":"{{uid}}","creationTimestamp":"2026-01-01T00:00:00Z","ownerReferences":[{"uid":"{{set}}"}]},
         "spec":{"nodeName":"n1","containers":[{"name":"web"}]},
         "status":{"phase":"Pending",{{(status.Length > 0 ? status
            : $"\"containerStatuses\":[{(container.StartsWith('{') ? container : Container(0, container))}]")}} } }
        """)));

    private static string Set(string uid, int revision) =>
        $$"""{"metadata":{"name":"{{uid}}","uid":"{{uid}}","annotations":{"deployment.kubernetes.io/revision":"{{revision}}"},"ownerReferences":["""
            + """{"uid":"d"}]} }""";

    private static string Container(int restarts, string state) => $$"""{"name":"web","image":"r/web","restartCount":{{restarts}},{{state}} }""";

    private static string Waiting(string reason, string message) => $$""" "state":{"waiting":{"reason":"{{reason}}","message":"{{message}}"} }""";

    private static T Read<T>(string json) => KubernetesJson.Deserialize<T>(json);
}
