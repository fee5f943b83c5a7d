using k8s;
using k8s.Models;
using KubeLab.Engine.Databases;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Tests.Databases;

/// <summary>When the members of a database are ready.</summary>
public sealed class DatabaseJudgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DatabaseJudge _judge = new();

    [Theory]
    [InlineData(1, 3, 3, VerdictState.Ready)]
    [InlineData(1, 3, 2, VerdictState.Pending)]
    [InlineData(0, 3, 3, VerdictState.Pending)]
    public void All_members_of_the_current_generation_must_be_ready(long observed, int replicas, int ready, VerdictState expected)
    {
        See(observed, replicas, ready);
        Assert.Equal(expected, _judge.Judge(Now).State);
    }

    [Fact]
    public void A_member_that_crashes_is_a_failure()
    {
        See(1, 1, 0);
        _judge.Observe(new KubeChange<V1Pod>(WatchEventType.Added, new()
        {
            Metadata = new() { Name = "etcd-0", Uid = "pod", OwnerReferences = [new() { Uid = "set" }] },
            Spec = new() { Containers = [new() { Name = "database" }] },
            Status = new()
            {
                Phase = "Running",
                ContainerStatuses = [new() { Name = "database", RestartCount = 3, State = new() { Waiting = new() { Reason = "CrashLoopBackOff" } },
                    LastState = new() { Terminated = new() { ExitCode = 1, Reason = "Error" } } }],
            },
        }));

        var verdict = _judge.Judge(Now);

        Assert.Equal(VerdictState.Failed, verdict.State);
        Assert.Contains("etcd-0 is crashing", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(("etcd-0", "database", true), _judge.FailedContainer is var (pod, container, _) ? (pod, container, true) : default);
    }

    [Fact]
    public void A_database_that_was_deleted_is_a_failure()
    {
        See(1, 3, 3, WatchEventType.Deleted);
        Assert.Equal(VerdictState.Failed, _judge.Judge(Now).State);
    }

    private void See(long observed, int replicas, int ready, WatchEventType type = WatchEventType.Modified) =>
        _judge.Observe(new KubeChange<V1StatefulSet>(type, new()
        {
            Metadata = new() { Name = "etcd", Uid = "set", Generation = 1 },
            Spec = new() { Replicas = replicas },
            Status = new() { ObservedGeneration = observed, Replicas = replicas, ReadyReplicas = ready, CurrentRevision = "a", UpdateRevision = "a" },
        }));
}
