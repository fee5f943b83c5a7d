using System.Text.RegularExpressions;
using k8s.Models;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Creating, changing and removing objects has the same result as with kubectl.</summary>
public sealed partial class DemoTests
{
    [Fact, Order(46)]
    public async Task Created_objects_equal_those_of_kubectl()
    {
        var image = await PauseImageAsync();
        Invoke("""
            New-KlNamespace changes
            New-KlConfigMap settings @{ mode = 'fast'; text = "two`nlines" } -Namespace changes
            New-KlSecret login @{ password = "ü 'x'" } -Namespace changes
            New-KlDeployment idle $image -Replicas 2 -Namespace changes -NoWait
            New-KlService idle -Port 80 -TargetPort 8080 -Namespace changes
            """, ("image", image));
        await Oracle.AskAsync("create namespace expected");
        await Oracle.AskAsync("create configmap settings -n expected --from-literal=mode=fast --from-literal=text=two\nlines");
        await Oracle.RunAsync(["create", "secret", "generic", "login", "-n", "expected", "--from-literal=password=ü 'x'"]);
        await Oracle.AskAsync($"create deployment idle -n expected --image {image} --replicas 2");
        await Oracle.AskAsync("expose deployment idle -n expected --type NodePort --port 80 --target-port 8080");

        foreach (var (what, paths) in new (string, string[])[]
        {
            ("configmap settings", ["{.data}"]), ("secret login", ["{.data}", "{.type}"]),
            ("deployment idle", ["{.spec.replicas}", "{.spec.template.spec.containers[*].image}", "{.spec.template.spec.containers[*].ports}"]),
            ("service idle",
                ["{.spec.type}", "{.spec.ports[*].port}", "{.spec.ports[*].targetPort}", "{.spec.ports[*].protocol}", "{.spec.sessionAffinity}"]),
        })
            foreach (var path in paths)
                Assert.Equal(await KubectlGetAsync(what, path, "expected"), await KubectlGetAsync(what, path));
        Assert.Equal(0, (await Oracle.RunAsync("rollout status deployment idle -n changes --timeout 60s")).ExitCode);
        await Oracle.AskAsync("delete namespace expected --wait=false");
    }

    [Fact, Order(47)]
    public async Task A_deployment_is_scaled_updated_and_rolled_back_as_with_kubectl()
    {
        await OfflineLab.DockerAsync("exec", "kubernetes-2", "ctr", "-n", "k8s.io", "images", "tag", "--force", Debian, Debian + "-other");
        Invoke("$text | Publish-KlManifest; Get-KlRollout sleeper -Wait -Namespace changes", ("text", Deployment("changes", "sleeper", 2)));
        Invoke("Get-KlDeployment sleeper -Namespace changes | Set-KlDeployment -Replicas 3");
        Assert.Equal("3 3", await GetAsync("{.spec.replicas} {.status.readyReplicas}"));
        Invoke("Set-KlDeployment sleeper -Environment @{ MODE = 'fast'; OLD = $null } -Namespace changes");
        Assert.Equal("""[{"name":"MODE","value":"fast"}]""", await GetAsync("{.spec.template.spec.containers[0].env}"));
        Invoke("Set-KlDeployment sleeper -Image $image -Namespace changes", ("image", Debian + "-other"));
        Assert.Equal($"{Debian}-other 3 3",
            await GetAsync("{.spec.template.spec.containers[0].image} {.status.updatedReplicas} {.status.availableReplicas}"));
        Assert.Contains(
            "successfully rolled out", await Oracle.AskAsync("rollout status deployment sleeper -n changes --timeout 5s"), StringComparison.Ordinal);

        Assert.Equal(await RevisionsAsync(), Revisions());
        Assert.Equal([1, 2, 3], Revisions());
        Invoke("Undo-KlRollout sleeper -Revision 1 -Namespace changes");
        Assert.Equal($$"""{{Debian}} [{"name":"OLD","value":"1"}]""",
            await GetAsync("{.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env}"));
        Assert.Equal(await RevisionsAsync(), Revisions());
        Assert.Equal([2, 3, 4], Revisions());

        var before = await Oracle.LinesAsync("get pods -n changes -l app=sleeper -o name");
        Invoke("Restart-KlDeployment sleeper -Namespace changes");
        Assert.NotEqual("", await GetAsync(@"{.spec.template.metadata.annotations.kubectl\.kubernetes\.io/restartedAt}"));
        var after = (await Oracle.JsonAsync("get pods -n changes -l app=sleeper"))["items"]!.AsArray()
            .Where(pod => pod!["metadata"]!["deletionTimestamp"] is null).Select(pod => $"pod/{pod!["metadata"]!["name"]}").ToList();
        Assert.Equal(3, after.Count);
        Assert.Empty(before.Intersect(after));

        static Task<string> GetAsync(string path) => KubectlGetAsync("deployment sleeper", path);
        static long[] Revisions() => [.. Invoke("Get-KlRollout sleeper -Namespace changes").As<KlRollout>().Select(one => one.Revision).Order()];
        static async Task<long[]> RevisionsAsync() =>
            [.. Regex.Matches(await Oracle.AskAsync("rollout history deployment sleeper -n changes"), @"^(\d+) ", RegexOptions.Multiline)
                .Select(match => long.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Order()];
    }

    [Theory, Order(48)]
    [InlineData("Orphan", true)]
    [InlineData("Background", false)]
    [InlineData("Foreground", false)]
    public async Task Cascade_determines_whether_dependents_are_deleted(string cascade, bool stays)
    {
        var name = cascade.ToLowerInvariant();
        Invoke("$text | Publish-KlManifest", ("text", Deployment("changes", name, 0)));
        var set = Assert.Single(await Oracle.LinesAsync($"wait --for=condition=Available deployment {name} -n changes -o name"))!;
        Assert.Single(await Oracle.LinesAsync($"get rs -n changes -l app={name} -o name"));

        Invoke($"Remove-KlResource deployment {name} -Cascade {cascade} -Namespace changes -Confirm:$false");

        Assert.Contains("NotFound", (await Oracle.RunAsync($"get {set} -n changes")).StandardError, StringComparison.Ordinal);
        if (stays)
            Assert.Null((await Oracle.JsonAsync($"get rs -n changes -l app={name}"))["items"]!.AsArray().Single()!["metadata"]!["ownerReferences"]);
        else
            // It may already have been deleted.
            Assert.Matches("^$|no matching resources", (await Oracle.RunAsync($"wait --for=delete rs -n changes -l app={name} --timeout 30s")).StandardError);
    }

    [Fact, Order(48)]
    public async Task Output_of_a_Get_cmdlet_can_be_removed()
    {
        Invoke("Get-KlPod evicted -Namespace states | Remove-KlResource -Confirm:$false");
        Assert.Contains("NotFound", (await Oracle.RunAsync("get pod evicted -n states")).StandardError, StringComparison.Ordinal);
    }

    [Fact, Order(49)]
    public async Task Nodes_are_labeled_annotated_and_tainted_as_with_kubectl()
    {
        Invoke("Set-KlNode kubernetes-3 -Label @{ disk = 'ssd'; gone = 'x' } -Annotation @{ 'example.org/note' = 'two words' } "
            + "-Taint dedicated=web:NoSchedule, old=1:NoExecute-, other:PreferNoSchedule");
        Invoke("Set-KlNode kubernetes-3 -Label @{ gone = $null } -Taint other-");
        await Oracle.AskAsync("label node kubernetes-4 disk=ssd");
        await Oracle.RunAsync(["annotate", "node", "kubernetes-4", "example.org/note=two words"]);
        await Oracle.AskAsync("taint node kubernetes-4 dedicated=web:NoSchedule");
        foreach (var path in new[] { "{.metadata.labels.disk},{.metadata.labels.gone}", @"{.metadata.annotations.example\.org/note}", "{.spec.taints}" })
            Assert.Equal(await Oracle.AskAsync($"get node kubernetes-4 -o jsonpath={path}"),
                await Oracle.AskAsync($"get node kubernetes-3 -o jsonpath={path}"));
        Invoke("Get-KlNode kubernetes-3, kubernetes-4 | Set-KlNode -Label @{ disk = $null } -Annotation @{ 'example.org/note' = $null } -Taint dedicated-");
        Assert.Equal("|", await Oracle.AskAsync("get node kubernetes-3 -o jsonpath={.metadata.labels.disk}|{.spec.taints}"));
    }

    [Fact, Order(50)]
    public async Task A_drain_respects_disruption_budgets_reports_blocking_pods_and_empties_the_node()
    {
        // Pods without a controller.
        var refused = Assert.Single(Shell.Run("Suspend-KlNode kubernetes-2").Errors);
        Assert.Contains("states/running", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("", await Oracle.AskAsync("get node kubernetes-2 -o jsonpath={.spec.unschedulable}"));

        // The node without the wiki's database, which stops slowly.
        var database = (await Oracle.LinesAsync("get pods -A -l app.kubernetes.io/name=database -o jsonpath={.items[*].spec.nodeName}"))[0];
        var node = database == "kubernetes-3" ? "kubernetes-4" : "kubernetes-3";
        var guarded = Deployment("changes", "guarded", 1).Replace("kubernetes-2", node, StringComparison.Ordinal)
            .Replace($"'{Debian}'", $"'{await PauseImageAsync()}'", StringComparison.Ordinal)
            .Replace("command: [sleep, infinity], ", "", StringComparison.Ordinal);
        Invoke("""
            $text | Publish-KlManifest
            '{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: guarded, namespace: changes},
              spec: {minAvailable: 1, selector: {matchLabels: {app: guarded} } } }' | Publish-KlManifest
            Get-KlRollout guarded -Wait -Namespace changes
            """, ("text", guarded));
        var held = Assert.Single(Shell.Run($"Suspend-KlNode {node} -Timeout 5").Errors);
        Assert.Contains("guarded", held.ToString(), StringComparison.Ordinal);
        Assert.Contains("disruption budget", held.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("true", await Oracle.AskAsync($"get node {node} -o jsonpath={{.spec.unschedulable}}"));

        Invoke($"Remove-KlResource pdb guarded -Namespace changes -Confirm:$false; Suspend-KlNode {node}");
        // kubectl finds no more pods to evict.
        Assert.DoesNotContain("evicting", await Oracle.AskAsync($"drain {node} --ignore-daemonsets"), StringComparison.Ordinal);
        Assert.Equal($"{node} Ready,SchedulingDisabled", Invoke($"Get-KlNode {node}").As<KlNode>().Select(one => $"{one} {one.Status}").Single());
        Invoke($"Resume-KlNode {node}");
        Assert.Equal("", await Oracle.AskAsync($"get node {node} -o jsonpath={{.spec.unschedulable}}"));
    }

    // An image with a shell. Only kubernetes-2 has it.
    private const string Debian = "docker.io/library/debian:12";

    private static Task<string> KubectlGetAsync(string what, string path, string ns = "changes") =>
        Oracle.AskAsync(["get", .. what.Split(' '), "-n", ns, "-o", "jsonpath=" + path]);

    // An image that every node has and that does nothing.
    private static async Task<string> PauseImageAsync() =>
        (await KubectlGetAsync("daemonset kube-proxy", "{.spec.template.spec.containers[0].image}", "kube-system")).Split("/kube-proxy:")[0] + "/pause:3.2";

    private static string Deployment(string ns, string name, int replicas) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: '{{name}}', namespace: '{{ns}}'}
        spec:
          replicas: {{replicas}}
          selector: {matchLabels: {app: '{{name}}'} }
          template:
            metadata: {labels: {app: '{{name}}'} }
            spec:
              nodeSelector: {kubernetes.io/hostname: kubernetes-2}
              terminationGracePeriodSeconds: 0
              containers: [{name: shell, image: '{{Debian}}', imagePullPolicy: IfNotPresent, command: [sleep, infinity], env: [{name: OLD, value: '1'}] }]
        """;
}
