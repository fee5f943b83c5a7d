using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;
using KubeLab.Tests.Machines;
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

    [Fact, Order(51)]
    public async Task Waits_end_as_with_kubectl_and_immediately_if_the_condition_cannot_be_met()
    {
        Invoke("""
            Get-KlPod running -Namespace states | Wait-KlResource -Condition Ready
            Wait-KlResource pod running -JsonPath '{.status.containerStatuses[?(@.name=="shell")].ready}=true' -Namespace states
            Wait-KlResource deployment web -Condition Available=True
            Wait-KlResource pod no-such-pod -Deleted -Namespace states
            """);
        await Oracle.AskAsync("wait pod running -n states --for=condition=Ready --timeout 1s");
        Assert.NotEqual(0, (await Oracle.RunAsync("wait pod failed -n states --for=condition=Ready --timeout 1s")).ExitCode);
        var never = Shell.Run("Wait-KlResource pod failed -Condition Ready -Namespace states -Timeout 300");
        Assert.StartsWith("ResourceWaitFailed,", Assert.Single(never.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        const string NoFinalizers = """[{"op":"remove","path":"/metadata/finalizers"}]""";
        Assert.Equal(0, (await Oracle.RunAsync("patch pod terminating -n states --type json -p " + NoFinalizers)).ExitCode);
        Invoke("Wait-KlResource pod terminating -Deleted -Namespace states");
        Assert.Contains("NotFound", (await Oracle.RunAsync("get pod terminating -n states")).StandardError, StringComparison.Ordinal);
    }

    [Fact, Order(52)]
    public async Task A_watch_continues_after_a_restart_of_the_API_server()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var result = Shell.Run("Get-KlResource configmaps -Namespace changes -Watch | ForEach-Object { $seen.Enqueue(\"$($_.Change) $($_.Name)\") }",
            variables: new Dictionary<string, object?> { ["seen"] = seen },
            meanwhile: async shell =>
            {
                await UntilAsync("Added settings");
                var errors = await ErrorsDuringAsync(() => OfflineLab.DockerAsync("exec", "kubernetes-1", "pkill", "-KILL", "kube-apiserver"));
                Assert.DoesNotContain(ErrorIds.KubeForbidden, errors);
                while ((await Oracle.RunAsync("create configmap after -n changes")).ExitCode != 0)
                    await Task.Delay(200);
                await UntilAsync("Added after");
                await Oracle.AskAsync("delete configmap after -n changes");
                await UntilAsync("Deleted after");
                shell.Stop();

                async Task UntilAsync(string line)
                {
                    using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
                    while (!seen.Contains(line))
                    {
                        Assert.False(timeout.IsCancellationRequested, $"no '{line}' in: {string.Join(", ", seen)}");
                        await Task.Delay(50);
                    }
                }
            });
        Assert.Empty(result.Errors);
        Assert.Equal(seen.Distinct(), seen);
    }

    // The errors for a user with a role until the restart is complete. The API server responds before it has loaded the roles.
    private static async Task<IReadOnlyList<string>> ErrorsDuringAsync(Func<Task> restart)
    {
        await Oracle.AskAsync("create clusterrolebinding reader --clusterrole view --user reader");
        var config = await Oracle.JsonAsync("config view --raw --minify");
        config["users"]![0]!["user"]!["as"] = "reader";
        using var folder = new Folder();
        var path = Path.Combine(folder.Path, "config");
        await File.WriteAllTextAsync(path, config.ToJsonString());
        using var session = new KubeSession(TimeProvider.System);
        var errors = new List<string>();
        await restart();
        while (true)
            try
            {
                using var api = session.Open(new KubeconfigFiles([path]), null);
                await api.FindAsync<V1Service>("kubernetes", "default", default);
                if (errors.Count > 0)
                    return errors;
            }
            catch (KlException error)
            {
                errors.Add(error.ErrorId);
            }
    }

    [Fact, Order(53)]
    public async Task Permissions_are_reported_as_by_kubectl_and_a_forbidden_request_is_PermissionDenied()
    {
        await Oracle.AskAsync("create serviceaccount limited -n changes");
        await Oracle.AskAsync("create role limited -n changes --verb=get,list --resource=pods,deployments.apps,pods/log");
        await Oracle.AskAsync("create rolebinding limited -n changes --role limited --serviceaccount changes:limited");
        await Oracle.AskAsync($"config set-credentials limited --token={await LimitedAccountAsync("token")}");
        var name = await Oracle.AskAsync("config view --minify -o jsonpath={.clusters[0].name}");
        await Oracle.AskAsync("config set-context limited --user limited --namespace changes --cluster " + name);

        Assert.Equal(await Oracle.LinesAsync("config get-contexts -o name"),
            Invoke("Get-KlCluster -Context").As<KubeLab.KlContext>().Select(one => one.Name).Order(StringComparer.Ordinal));
        foreach (var (ours, theirs) in new[]
        {
            ("get pods", "get pods"), ("list deploy", "list deploy"), ("delete pods", "delete pods"), ("get pods/log", "get pods --subresource=log"),
            ("get nodes", "get nodes"), ("get pods -Namespace default", "get pods -n default"),
            ("list pods -AllNamespaces", "list pods -A"), ("create selfsubjectaccessreviews", "create selfsubjectaccessreviews"),
        })
        {
            var expected = (await Oracle.RunAsync($"auth can-i {theirs} --context limited")).StandardOutput;
            Assert.Equal(expected.StartsWith("yes", StringComparison.Ordinal),
                (bool)Invoke($"Test-KlAccess {ours} -Cluster limited").Output.Single()!);
        }
        Assert.NotEmpty(Invoke("Get-KlPod -Cluster limited").Output);
        var error = Assert.Single(Shell.Run("Get-KlNode -Cluster limited").Errors);
        Assert.Equal(System.Management.Automation.ErrorCategory.PermissionDenied, error.CategoryInfo.Category);
        Assert.Contains("nodes is forbidden", error.ToString(), StringComparison.Ordinal);

        var current = await Oracle.AskAsync("config current-context");
        Invoke("Select-KlCluster limited");
        Assert.Equal("limited\n", await Oracle.AskAsync("config current-context"));
        Invoke("Select-KlCluster kubernetes");
        Assert.Equal(current, await Oracle.AskAsync("config current-context"));
    }

    [Fact, Order(54)]
    public async Task A_pod_uses_its_service_account_and_namespace()
    {
        using var folder = new Machines.Folder();
        foreach (var file in new[] { "token", "ca.crt", "namespace" })
            await File.WriteAllTextAsync(Path.Combine(folder.Path, file), await LimitedAccountAsync(file.Replace(".", "\\.", StringComparison.Ordinal)));
        var server = new Uri(await Oracle.AskAsync("config view --minify -o jsonpath={.clusters[0].cluster.server}"));
        // As in a pod: no kubeconfig, only the files that the kubelet mounts and the variables that it sets.
        var end = await Cli.Wrap("unshare").WithArguments(["--mount", "bash", "-c", $"""
                set -e
                mount -t tmpfs tmpfs /run
                mkdir -p /run/secrets/kubernetes.io
                cp -r '{folder.Path}' /run/secrets/kubernetes.io/serviceaccount
                exec dotnet '{Repository.Pwsh}' -NoProfile -Command '
                    Import-Module ./KubeLab.psd1; (Get-KlPod sleeper-*).Count; Test-KlAccess get pods; Test-KlAccess get nodes'
                """]).WithWorkingDirectory(Repository.Root)
            .WithEnvironmentVariables(env => env.Set("KUBECONFIG", null).Set("HOME", folder.Path)
                .Set("KUBERNETES_SERVICE_HOST", server.Host).Set("KUBERNETES_SERVICE_PORT", $"{server.Port}"))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.Equal(("3\nTrue\nFalse\n", ""), (end.StandardOutput, end.StandardError));
    }

    [Theory, Order(54)]
    [InlineData("Get-KlMetric", "top nodes", "MetricsNotInstalled")]
    [InlineData("Get-KlPod nope -Namespace states", "get pod nope -n states", "PodNotFound")]
    [InlineData("Get-KlPod -Namespace nowhere", "get namespace nowhere", "NamespaceNotFound")]
    [InlineData("Get-KlPod -Namespace nowhere -Watch", "get namespace nowhere", "NamespaceNotFound")]
    [InlineData("Get-KlResource nonsense", "get nonsense", "KubeKindUnknown")]
    [InlineData("Get-KlLog half-done -Namespace states", "logs half-done -n states", "ContainerNotNamed")]
    [InlineData("Get-KlPod -Cluster nowhere", "get pods --context nowhere", "KubeContextNotFound")]
    [InlineData("Invoke-KlPodCommand ls -Name completed -Namespace states", "exec completed -n states -- ls", "KubeFailed")]
    [InlineData("Set-KlDeployment sleeper -Replicas 1 -Namespace nowhere", "scale deployment sleeper -n nowhere --replicas 1", "DeploymentNotFound")]
    public async Task Invalid_requests_return_one_error_as_in_kubectl(string ours, string theirs, string id)
    {
        Assert.NotEqual(0, (await Oracle.RunAsync(theirs)).ExitCode);
        var result = Shell.Run(ours);
        Assert.Empty(result.Output);
        Assert.StartsWith(id + ",", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    // An image with a shell. Only kubernetes-2 has it.
    private const string Debian = "docker.io/library/debian:12";

    // Returns a field of the service account's token secret, which a controller creates.
    private static async Task<string> LimitedAccountAsync(string field)
    {
        string secret;
        while ((secret = await KubectlGetAsync("serviceaccount limited", "{.secrets[0].name}")).Length == 0)
            await Task.Delay(100);
        return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(await KubectlGetAsync($"secret {secret}", $"{{.data.{field}}}")));
    }

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
