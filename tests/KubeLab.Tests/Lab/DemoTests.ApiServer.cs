using CliWrap;
using CliWrap.Buffered;
using k8s.Models;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Waits, watches, permissions and invalid requests have the same result as with kubectl.</summary>
public sealed partial class DemoTests
{
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

    // The errors for a user with a role until a server that was restarted answers. The API server responds before it has loaded the roles.
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
        for (var restarted = restart(); ;)
        {
            // The killed server does not answer a request that was sent later.
            var isOver = restarted.IsCompleted;
            try
            {
                using var api = session.Open(new KubeconfigFiles([path]), null);
                await api.FindAsync<V1Service>("kubernetes", "default", default);
                if (isOver)
                {
                    await restarted;
                    return errors;
                }
            }
            catch (KlException error)
            {
                errors.Add(error.ErrorId);
            }
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
    [InlineData("Get-KlResource nonsense", "get nonsense", "KubeKindNotFound")]
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

    // Returns a field of the service account's token secret, which a controller creates.
    private static async Task<string> LimitedAccountAsync(string field)
    {
        string secret;
        while ((secret = await KubectlGetAsync("serviceaccount limited", "{.secrets[0].name}")).Length == 0)
            await Task.Delay(100);
        return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(await KubectlGetAsync($"secret {secret}", $"{{.data.{field}}}")));
    }
}
