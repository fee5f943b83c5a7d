using System.Management.Automation;
using System.Xml.Linq;
using KubeLab.Tests.Deployments;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Resources;

public sealed class ClusterQueryTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Events = "/api/v1/namespaces/default/events";
    private const string Web = """
        {"metadata":{},"items":[{"metadata":{"name":"web","namespace":"default","uid":"u1","labels":{"app":"web"}},
          "spec":{"nodeName":"n","containers":[{"name":"c","image":"r/web","env":[{"name":"PW","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
            "readinessProbe":{"httpGet":{"path":"/ok","port":80}}}],
            "volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"web-data"}}]},
          "status":{"phase":"Running","conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady"}],
            "containerStatuses":[{"name":"c","image":"r/web","imageID":"","ready":false,"restartCount":3,
            "state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}},"lastState":{"terminated":{"exitCode":7,"reason":"Error"}}}]}}]}
        """;

    [Fact]
    public async Task Events_of_an_object_are_sorted_newest_last()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Pods}", FakeApi.Json(Web)).On($"GET {Events}", FakeApi.Json(List(Event("late", "2026-01-02T00:00:00Z", "u1"),
            Event("namesake", "2026-01-01T00:00:00Z", "u0"), Event("early", "2026-01-01T00:00:00Z", "u1", "Normal"))));

        var events = WorkloadCmdletTests.Run(fake, "Get-KlPod web | Get-KlEvent").Good<KlEvent>();

        Assert.Equal(["early Normal pod/web 4 kubelet", "late Warning pod/web 4 kubelet"],
            events.Select(e => $"{e.Message} {e.Type} {e.About} {e.Count} {e.Source}"));
        Assert.EndsWith("&fieldSelector=involvedObject.name%3Dweb", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_accept_a_string_an_object_a_type_and_all_namespaces()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/events", FakeApi.Json(List(Event("a", "2026-01-01T00:00:00Z", "u1"), Event("b", "2026-01-01T00:00:00Z", "u1", "Normal"))))
            .On($"GET {Events}", [.. Enumerable.Repeat(FakeApi.Json(List(Event("c", "2026-01-01T00:00:00Z", "u1"))), 4)]);
        Assert.Equal("a", Assert.Single(WorkloadCmdletTests.Run(fake, "Get-KlEvent -AllNamespaces -Type Warning").Good<KlEvent>()).Message);
        Assert.Single(WorkloadCmdletTests.Run(fake, "Get-KlEvent pod/web").Good<KlEvent>());
        Assert.Empty(WorkloadCmdletTests.Run(fake, "Get-KlEvent deployment/web").Good<KlEvent>());
        Assert.Single(WorkloadCmdletTests.Run(fake, "[pscustomobject]@{ Kind = 'Pod'; Name = 'web'; Namespace = 'default' } | Get-KlEvent").Good<KlEvent>());
        Assert.StartsWith("InputInvalid,", Assert.Single(WorkloadCmdletTests.Run(fake, "1 | Get-KlEvent").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_view_of_a_pod_shows_conditions_containers_volumes_and_events()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Pods}", FakeApi.Json(Web)).On($"GET {Events}", FakeApi.Json(List(Event("Back-off restarting", "2026-01-02T00:00:00Z", "u1"))));
        var items = XDocument.Load(Path.Combine(Repository.Root, "Module", "KubeLab.Format.ps1xml")).Descendants("View")
            .Single(view => (string?)view.Element("Name") == "KlPodList").Descendants("ListItem").Where(item => item.Element("ScriptBlock") is not null);
        var script = string.Join("\n", items.Select(item => $"'{(string)item.Element("Label")!}: ' + $(\n{(string)item.Element("ScriptBlock")!}\n)"));

        var shown = string.Join('\n', WorkloadCmdletTests.Run(fake, $"Get-KlPod web | ForEach-Object {{ {script} }}").Good<string>());

        foreach (var line in new[]
        {
            "Labels: app=web", "Conditions: Ready False  ContainersNotReady", "Containers: c: r/web",
            "  state: waiting (CrashLoopBackOff): back-off, not ready, 3 restarts",
            "  last state: ended with exit code 7 (Error)", "  environment: PW from secret s/k",
            "  readiness: http://:80/ok, delay 0 s, timeout 1 s, period 10 s, 3 failures", "Volumes: data: claim web-data",
            "Warning  BackOff (x4)  Back-off restarting",
        })
            Assert.Contains(line, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Access_reviews_contain_plural_and_group()
    {
        await using var fake = await FakeApi.StartAsync();
        const string Reviews = "POST /apis/authorization.k8s.io/v1/selfsubject";
        fake.On("GET /api/v1", FakeApi.Json("""{"resources":[{"name":"pods","singularName":"pod","kind":"Pod","shortNames":["po"]}]}"""),
            FakeApi.Json("""{"resources":[]}"""))
            .On("GET /apis", FakeApi.Json("""{"groups":[{"name":"down.io","versions":[{"groupVersion":"down.io/v1"}],"preferredVersion":"""
                + """{"groupVersion":"down.io/v1"}},{"name":"apps","versions":[{"groupVersion":"apps/v1"}],"preferredVersion":"""
                + """{"groupVersion":"apps/v1"}}]}"""))
            .On("GET /apis/down.io/v1", FakeApi.Status(503, "ServiceUnavailable", "down"))
            .On("GET /apis/apps/v1", FakeApi.Json("""{"resources":[{"name":"deployments","singularName":"","kind":"Deployment","shortNames":["deploy"]}]}"""))
            .On(Reviews + "accessreviews", FakeApi.Json("""{"status":{"allowed":true}}""", 201), FakeApi.Json("""{"status":{"allowed":false}}""", 201))
            .On(Reviews + "rulesreviews",
                FakeApi.Json("""{"status":{"resourceRules":[{"verbs":["get"],"apiGroups":["","apps"],"resources":["x"]}],"nonResourceRules":[{"verbs":"""
                    + """["get"],"nonResourceURLs":["/healthz"]}]}}""", 201));

        Assert.Equal([true, false], WorkloadCmdletTests.Run(fake, "Test-KlAccess get po/log -AllNamespaces; Test-KlAccess create deploy web").Good<bool>());
        Assert.Equal(
            [
                """{"namespace":"","verb":"get","group":"","resource":"pods","subresource":"log"}""",
                """{"namespace":"default","verb":"create","group":"apps","resource":"deployments","name":"web"}""",
            ], fake.Bodies.Select(b => b.Text.Split("\"resourceAttributes\":")[1][..^2]));
        Assert.Equal(["x,x.apps ", " /healthz"], WorkloadCmdletTests.Run(fake, "Test-KlAccess -List").Good<KlAccessRule>()
            .Select(r => $"{string.Join(',', r.Resources)} {string.Join(',', r.Paths)}"));
    }

    [Fact]
    public async Task Metrics_are_summed_and_missing_metrics_are_an_error()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /apis/metrics.k8s.io/v1beta1/nodes", FakeApi.Json("""{"items":[{"metadata":{"name":"n"},"usage":{"cpu":"250m","memory":"512Mi"}}]}"""),
            FakeApi.Json("404 page not found", 404))
            .On("GET /api/v1/nodes",
                FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"n"},"status":{"allocatable":{"cpu":"2","memory":"1Gi"}}}]}"""))
            .On("GET /apis/metrics.k8s.io/v1beta1/namespaces/default/pods",
                FakeApi.Json("""{"items":[{"metadata":{"name":"p","namespace":"default"},"containers":[{"usage":{"cpu":"1500000n","memory":"1Ki"}},"""
                    + """{"usage":{"cpu":"1m","memory":"1Ki"}}]}]}"""));
        var node = Assert.Single(WorkloadCmdletTests.Run(fake, "Get-KlMetric").Good<KlMetric>());
        Assert.Equal((0.25m, 12, 512L << 20, 50), (node.Cpu, node.CpuPercent, node.Memory, node.MemoryPercent));
        var pod = Assert.Single(WorkloadCmdletTests.Run(fake, "Get-KlMetric -Kind Pod").Good<KlMetric>());
        Assert.Equal((0.0025m, 2048L, "default"), (pod.Cpu, pod.Memory, pod.Namespace));
        var error = Assert.Single(WorkloadCmdletTests.Run(fake, "Get-KlMetric").Errors);
        Assert.StartsWith("MetricsNotInstalled,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.NotInstalled, error.CategoryInfo.Category);
    }

    [Fact]
    public async Task Completion_offers_names_and_does_not_wait_for_an_unresponsive_cluster()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Pods}", FakeApi.Json(Web), FakeApi.Hang)
            .On("GET /api/v1/namespaces", FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"kube-system"}},{"metadata":{"name":"other"}}]}"""));
        Assert.Equal(["web"], Complete("Get-KlPod w"));
        Assert.Equal(["kube-system"], Complete("Get-KlPod -Namespace ku"));
        Assert.Equal(["lab"], Complete("Get-KlPod -Cluster "));
        Assert.DoesNotContain("web", Complete("Get-KlPod w", TimeProvider.System));

        IEnumerable<string> Complete(string text, TimeProvider? clock = null) => Completed(fake, text, clock ?? new FakeTimeProvider());
    }

    [Theory]
    [InlineData("Get-KlLog w", "web")]
    [InlineData("Invoke-KlPodCommand ls -Name w", "web")]
    [InlineData("Copy-KlItem a b -ToPod w", "web")]
    [InlineData("Enter-KlPod w", "web")]
    [InlineData("Wait-KlResource po w", "web")]
    [InlineData("Get-KlLog web -Container ", "c")]
    [InlineData("Remove-KlResource nothing w", "")]
    public async Task Pod_cmdlets_complete_pods_and_containers(string text, string completed)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Pods}", FakeApi.Json(Web)).On($"GET {Pods}/web",
            FakeApi.Json("""{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c"}]}}"""))
            .On("GET /apis", [.. Enumerable.Repeat(FakeApi.Json("""{"groups":[]}"""), 2)])
            .On("GET /api/v1", [.. Enumerable.Repeat(FakeApi.Json("""{"resources":[{"name":"pods","singularName":"pod","kind":"Pod","namespaced":true"""
                + ""","shortNames":["po"]}]}"""), 2)]);
        Assert.Equal(completed.Length == 0 ? [] : [completed], Completed(fake, text, new FakeTimeProvider()).Where(one => one is "web" or "c"));
    }

    [Theory]
    [InlineData("ClusterCompleter")]
    [InlineData("ContextCompleter")]
    public void Completion_ignores_a_kubeconfig_that_cannot_be_read(string completer)
    {
        using var folder = new Folder();
        var config = Path.Combine(folder.Path, "config");
        File.WriteAllText(config, "{");
        var run = Shell.Run($"$was = $env:KUBECONFIG; $env:KUBECONFIG = '{config}'; try {{ [KubeLab.Pipeline.Completion.{completer}]::new()"
            + ".CompleteArgument('Get-KlCluster', 'Name', '', $null, @{}) } finally { $env:KUBECONFIG = $was }");
        Assert.Empty(run.Good<CompletionResult>());
    }

    private static IReadOnlyList<string> Completed(FakeApi fake, string text, TimeProvider clock) => Kubectl.Run(fake,
        $"[Management.Automation.CommandCompletion]::CompleteInput('{text}', {text.Length}, $null).CompletionMatches.CompletionText", clock).Good<string>();

    [Fact]
    public async Task A_context_is_selected_by_cluster_name()
    {
        await using var fake = await FakeApi.StartAsync();
        var result = WorkloadCmdletTests.Run(fake, "Select-KlCluster lab; Get-KlCluster -Context; Select-KlCluster nope");
        Assert.Equal(["kubelab-lab True default", "kubelab-lab True default"], result.As<KlContext>().Select(c => $"{c.Name} {c.Current} {c.Namespace}"));
        Assert.StartsWith("KubeContextNotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(fake.Seen);
    }

    private static string List(params string[] items) => $$"""{"metadata":{},"items":[{{string.Join(',', items)}}]}""";

    private static string Event(string message, string time, string uid, string type = "Warning") => $$$"""
        {"metadata":{"name":"{{{message.Split(' ')[0]}}}","namespace":"default"},
         "involvedObject":{"kind":"Pod","name":"web","namespace":"default","uid":"{{{uid}}}"},
         "type":"{{{type}}}","reason":"BackOff","message":"{{{message}}}","count":4,"lastTimestamp":"{{{time}}}","source":{"component":"kubelet"}}
        """;
}
