using KubeLab.Engine.Workloads;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

public sealed partial class DemoTests
{
    [Fact, Chapter(20)]
    public async Task What_the_get_cmdlets_show_is_what_kubectl_shows()
    {
        var pods = One("Get-KlPod -AllNamespaces -Cluster kubernetes").As<KlPod>();
        Assert.Equal(await KubectlAsync("pods", "-A", 5), pods.Select(p => $"{p.Namespace} {p.Name} {p.Ready} {p.Status} {p.Restarts}").Order());
        var nodes = One("Get-KlNode -Cluster kubernetes").As<KlNode>();
        Assert.Equal(await KubectlAsync("nodes", "-A", 3), nodes.Select(n => $"{n.Name} {n.Status} {(n.Roles.Length == 0 ? "<none>" : string.Join(',', n.Roles))}").Order());
        var deployments = One("Get-KlDeployment -AllNamespaces -Cluster kubernetes").As<KlDeployment>();
        Assert.Equal(await KubectlAsync("deployments", "-A", 5), deployments.Select(d => $"{d.Namespace} {d.Name} {d.Ready} {d.UpToDate} {d.Available}").Order());
        var services = One("Get-KlService -AllNamespaces -Cluster kubernetes").As<KlService>();
        Assert.Equal(await KubectlAsync("services", "-A", 6), services
            .Select(s => $"{s.Namespace} {s.Name} {s.Type} {s.ClusterIP} {(s.ExternalIP.Length == 0 ? "<none>" : string.Join(',', s.ExternalIP))} {string.Join(',', s.Ports)}").Order());
    }

    [Fact, Chapter(21)]
    public void A_container_that_crashes_is_an_error_with_its_last_words()
    {
        var result = Run("New-KlDeployment crash $image -Namespace kubetest -Cluster kubernetes -Command /usr/local/bin/kube-proxy, --nonsense -Timeout 300");

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("DeploymentFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("exit code ", error.ToString(), StringComparison.Ordinal);
        // It ends on its usage.
        Assert.Contains("--write-config-to", error.ToString(), StringComparison.Ordinal);
    }

    [Fact, Chapter(22)]
    public void An_image_that_is_not_there_is_an_error_long_before_the_timeout()
    {
        var result = Run("New-KlDeployment missing \"$image-not\" -Namespace kubetest -Cluster kubernetes -Timeout 300");

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("DeploymentFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("not found", error.ToString(), StringComparison.Ordinal);
    }

    [Fact, Chapter(23)]
    public void What_failed_is_there_to_be_looked_at_and_can_be_removed()
    {
        Assert.Equal(["crash", "missing"], One("Get-KlDeployment -Namespace kubetest -Cluster kubernetes").As<KlDeployment>().Select(d => d.Name));

        One("Get-KlDeployment -Namespace kubetest -Cluster kubernetes | Remove-KlDeployment");

        Assert.Empty(One("Get-KlPod -Namespace kubetest -Cluster kubernetes").Output);
    }

    [Fact, Chapter(24)]
    public async Task Ten_thousand_lines_of_ten_pods_are_followed_whole_and_in_order()
    {
        // One that has a shell.
        using var folder = new Folder();
        var image = Path.Combine(folder.Path, "image.tar");
        await OfflineLab.DockerAsync("save", "--output", image, "debian:12");
        await OfflineLab.DockerAsync("cp", image, "kubernetes-2:/root/image.tar");
        await OfflineLab.DockerAsync("exec", "kubernetes-2", "ctr", "-n", "k8s.io", "images", "import", "/root/image.tar");
        var lines = One("""
            $pods = 0..9 | ForEach-Object { "---
            apiVersion: v1
            kind: Pod
            metadata: {name: lines-$_, namespace: kubetest}
            spec:
              nodeName: kubernetes-2
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers: [{name: lines, image: 'docker.io/library/debian:12', imagePullPolicy: IfNotPresent, command: [bash, -c, 'echo ready; until [ -e /go ]; do sleep 0.1; done; for i in {1..1000}; do echo line `$i; done']}]
            " }
            $null = $pods | Publish-KlManifest -Cluster kubernetes | Wait-KlResource -JsonPath '{.status.phase}=Running'
            Get-KlLog lines-* -Follow -Namespace kubetest -Cluster kubernetes | ForEach-Object {
                # All that counts is written while it is followed.
                if ($_.Line -eq 'ready') { Invoke-KlPodCommand touch, /go -Name $_.Pod -Namespace kubetest -Cluster kubernetes } else { $_ }
            }
            Get-KlResource pods lines-* -Namespace kubetest -Cluster kubernetes | Remove-KlResource
            """).As<KlLogLine>().ToLookup(line => line.Pod, line => line.Line);

        Assert.Equal(10, lines.Count);
        foreach (var pod in lines)
            Assert.Equal(Enumerable.Range(1, 1000).Select(i => $"line {i}"), pod);
    }

    // An image that every node has.
    private static ShellResult Run(string script) =>
        Shell.Run($"$image = (Get-KlPod kube-proxy-* -Namespace kube-system -Cluster kubernetes)[0].Object.Spec.Containers[0].Image; {script}");

    private static ShellResult One(string script)
    {
        var result = Shell.Run(script);
        Assert.Empty(result.Errors);
        return result;
    }

    private static async Task<IOrderedEnumerable<string>> KubectlAsync(string kind, string scope, int columns) =>
        (await OfflineLab.DockerAsync("exec", "kubernetes-1", "kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", "get", kind, scope, "--no-headers"))
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(columns))).Order();
}
