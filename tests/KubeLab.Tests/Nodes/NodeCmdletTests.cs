using k8s.Models;
using KubeLab.Engine.Nodes;
using KubeLab.Tests.Deployments;
using KubeLab.Tests.Flow;
using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Nodes;

public sealed class NodeCmdletTests
{
    private const string Node = "/api/v1/nodes/n";
    private const string Free = """{"metadata":{"name":"n","resourceVersion":"5","labels":{"a":"1"}},"spec":{}}""";
    private const string Held = """{"metadata":{"name":"n"},"spec":{"unschedulable":true}}""";
    private const string Core = """{"resources":[{"name":"pods","kind":"Pod"},"""
        + """{"name":"pods/eviction","group":"policy","version":"v1beta1","kind":"Eviction"}]}""";
    private const string Managed = """ "ownerReferences":[{"kind":"ReplicaSet","name":"web","uid":"r","apiVersion":"apps/v1","controller":true}] """;
    private const string Eviction = "/api/v1/namespaces/default/pods/web/eviction";

    [Fact]
    public async Task Drain_evicts_pods_and_waits_until_they_are_deleted()
    {
        await using var fake = await FakeApi.StartAsync();
        var pods = List(Pod("web", Managed), Pod("flannel", Managed.Replace("ReplicaSet", "DaemonSet", StringComparison.Ordinal)),
            Pod("etcd", """ "annotations":{"kubernetes.io/config.mirror":"x"} """));
        fake.On($"GET {Node}", FakeApi.Json(Free), FakeApi.Json(Free))
            .On("GET /api/v1/pods", FakeApi.Json(pods), FakeApi.Json(pods), FakeApi.Json(pods), FakeApi.Json(List()))
            .On($"PATCH {Node}", FakeApi.Json(Held)).On("GET /api/v1", FakeApi.Json(Core))
            .On($"POST {Eviction}", Budget, FakeApi.Json("{}", 201));

        var result = Kubectl.Run(fake, "Suspend-KlNode n", new QuickClock());

        Assert.EndsWith(",SchedulingDisabled", Assert.Single(result.Good<KlNode>()).Status, StringComparison.Ordinal);
        Assert.Equal(2, fake.Seen.Count(s => s == $"POST {Eviction}"));
        Assert.Contains("\"apiVersion\":\"policy/v1beta1\"", fake.Bodies.Last().Text, StringComparison.Ordinal);
        Assert.Contains(result.Verbose, line => line.Contains("needs 2 healthy pods", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_drain_timeout_names_the_disruption_budget()
    {
        await using var fake = await FakeApi.StartAsync();
        var pods = List(Pod("web", Managed));
        fake.On($"GET {Node}", FakeApi.Json(Free), FakeApi.Json(Free)).On("GET /api/v1/pods", FakeApi.Json(pods), FakeApi.Json(pods))
            .On($"PATCH {Node}", FakeApi.Json(Held)).On("GET /api/v1", FakeApi.Json(Core)).On($"POST {Eviction}", Budget);

        var error = Assert.Single(WorkloadCmdletTests.Run(fake, "Suspend-KlNode n -Timeout 0").Errors);

        Assert.StartsWith("DrainTimeout,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("default/web cannot be evicted: Cannot evict The disruption budget web needs 2 healthy pods", error.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "\"volumes\":[]", "has no controller")]
    [InlineData(Managed, """ "volumes":[{"name":"cache","emptyDir":{}}] """, "the emptyDir volume cache")]
    public async Task Drain_changes_nothing_if_data_would_be_lost(string metadata, string spec, string why)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Node}", FakeApi.Json(Free)).On("GET /api/v1/pods", FakeApi.Json(List(Pod("web", metadata, spec))));
        var error = Assert.Single(WorkloadCmdletTests.Run(fake, "Suspend-KlNode n").Errors);
        Assert.StartsWith("DrainRefused,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(why, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(fake.Bodies);
    }

    [Fact]
    public async Task Uncordoning_a_schedulable_node_changes_nothing()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Node}", FakeApi.Json(Free), FakeApi.Json(Held)).On($"PATCH {Node}", FakeApi.Json(Free));
        var result = WorkloadCmdletTests.Run(fake, "Resume-KlNode n; Resume-KlNode n");
        Assert.Equal(2, result.Good<KlNode>().Count);
        Assert.Equal([0, 1], result.Stages.Select(s => s.Changes));
        Assert.Equal("""{"spec":{"unschedulable":null}}""", Assert.Single(fake.Bodies).Text);
    }

    [Fact]
    public async Task Labels_annotations_and_taints_are_set_in_one_patch_and_conflicts_are_retried()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Node}", FakeApi.Json(Free), FakeApi.Json(Free))
            .On($"PATCH {Node}", FakeApi.Status(409, "Conflict", "changed"),
                FakeApi.Json(Free.Replace("\"a\":\"1\"", "\"b\":\"2\"", StringComparison.Ordinal)));
        var result = WorkloadCmdletTests.Run(fake, "Set-KlNode n -Label @{ a = $null } -Annotation @{ c = 3 } -Taint k=v:NoSchedule");
        Assert.Single(result.Good<KlNode>());
        Assert.Equal(1, Assert.Single(result.Stages).Changes);
        Assert.Equal("""{"metadata":{"labels":{"a":null},"annotations":{"c":"3"},"resourceVersion":"5"},"spec":{"taints":["""
            + """{"key":"k","effect":"NoSchedule","value":"v"}]}}""", fake.Bodies.Last().Text);
    }

    [Theory]
    [InlineData("k=new:NoSchedule", "other:NoExecute k=new:NoSchedule")]
    [InlineData("k:NoSchedule-", "other:NoExecute")]
    [InlineData("other-", "k=v:NoSchedule")]
    [InlineData("absent-", "k=v:NoSchedule other:NoExecute")]
    [InlineData("k=v:NoSchedule", "k=v:NoSchedule other:NoExecute")]
    [InlineData("example.com/x-y:PreferNoSchedule", "k=v:NoSchedule other:NoExecute example.com/x-y:PreferNoSchedule")]
    public void Taints_are_added_and_removed_with_kubectl_syntax(string change, string after)
    {
        V1Taint[] existing = [new() { Key = "k", Value = "v", Effect = "NoSchedule" }, new() { Key = "other", Effect = "NoExecute" }];
        Assert.Equal(after, string.Join(' ', NodeTaints.Change(existing, [change]).Select(NodeTaints.Text)));
    }

    [Theory]
    [InlineData("k")]
    [InlineData("k=v")]
    [InlineData("k=v:Never")]
    [InlineData(":NoSchedule")]
    public void An_invalid_taint_is_rejected(string text) =>
        Assert.Equal("TaintInvalid", Assert.Throws<KlException>(() => NodeTaints.Change([], [text])).ErrorId);

    private static Microsoft.AspNetCore.Http.RequestDelegate Budget { get; } = FakeApi.Status(429, "TooManyRequests", "Cannot evict",
        ",\"details\":{\"causes\":[{\"reason\":\"DisruptionBudget\",\"message\":\"The disruption budget web needs 2 healthy pods and has 2 currently\"}]}");

    private static string List(params string[] pods) => $$"""{"metadata":{},"items":[{{string.Join(',', pods)}}]}""";

    private static string Pod(string name, string metadata, string spec = "\"volumes\":[]") =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default"{{{(metadata.Length == 0 ? "" : "," + metadata)}}}},"spec":{"containers":[],"""
            + $$$"""{{{spec}}}},"status":{"phase":"Running"}}""";
}
