using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

public sealed partial class DemoTests
{
    [Theory, Chapter(20)]
    [InlineData("pods -A", 5, "Get-KlPod -AllNamespaces | ForEach-Object { \"$($_.Namespace) $($_.Name) $($_.Ready) $($_.Status) $($_.Restarts)\" }")]
    [InlineData("nodes", 3, "Get-KlNode | ForEach-Object { \"$($_.Name) $($_.Status) $(if ($_.Roles) { $_.Roles -join ',' } else { '<none>' })\" }")]
    [InlineData("deployments -A", 5, "Get-KlDeployment -AllNamespaces | ForEach-Object { \"$($_.Namespace) $($_.Name) $($_.Ready) $($_.UpToDate) $($_.Available)\" }")]
    [InlineData("services -A", 6, "Get-KlService -AllNamespaces | ForEach-Object { \"$($_.Namespace) $($_.Name) $($_.Type) $($_.ClusterIP) $(if ($_.ExternalIP) { $_.ExternalIP -join ',' } else { '<none>' }) $($_.Ports -join ',')\" }")]
    public async Task What_the_get_cmdlets_show_is_what_kubectl_shows(string theirs, int columns, string ours) =>
        await Oracle.SameAsync(async () => (await Oracle.ColumnsAsync($"get {theirs}", columns)).ToArray(), () => [.. One(ours).As<string>().Order(StringComparer.Ordinal)]);

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
    public void An_image_that_is_not_there_is_an_error_long_before_the_timeout_and_is_pulled_again_when_asked_again()
    {
        var pods = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            var result = Run("New-KlDeployment missing \"$image-not\" -Namespace kubetest -Cluster kubernetes -Timeout 300");

            var error = Assert.Single(result.Errors);
            Assert.StartsWith("DeploymentFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("not found", error.ToString(), StringComparison.Ordinal);
            pods.AddRange(One("(Get-KlPod missing-* -Namespace kubetest -Cluster kubernetes).Name").As<string>());
        }
        Assert.Equal(2, pods.Distinct().Count());
    }

    [Fact, Chapter(23)]
    public void What_failed_is_there_to_be_looked_at_and_can_be_removed()
    {
        Assert.Equal(["crash", "missing"], One("Get-KlDeployment -Namespace kubetest -Cluster kubernetes").As<KlDeployment>().Select(d => d.Name));

        One("Get-KlDeployment -Namespace kubetest -Cluster kubernetes | Remove-KlDeployment");

        Assert.Empty(One("Get-KlPod -Namespace kubetest -Cluster kubernetes").Output);
    }

    [Fact, Chapter(24)]
    public async Task Deployments_that_need_each_other_are_made_first_and_exposed_later()
    {
        const string Listen = "use IO::Socket::INET; $SIG{TERM} = sub { exit }; my $listener = IO::Socket::INET->new(LocalPort => shift, Listen => 9, ReuseAddr => 1) or die; while (my $client = $listener->accept) {";
        One("""
            $image = (Get-KlPod database-* -Cluster kubernetes)[0].Object.Spec.Containers[0].Image
            $deployments = @(
                New-KlDeployment database $image -Namespace later -Cluster kubernetes -Port 3306 -NoWait -Command perl, -e, "$listen }", 3306
                New-KlDeployment web $image -Namespace later -Cluster kubernetes -Port 8080 -Timeout 300 -Command bash, -c,
                    'until (: </dev/tcp/database/3306) 2>/dev/null; do sleep 0.1; done; exec perl -e "$0" 8080', "$listen sysread `$client, my `$request, 4096; print `$client qq(HTTP/1.0 200 OK\r\n\r\nfound it) }"
            )
            """, ("listen", Listen));

        var services = One("Get-KlDeployment -Namespace later -Cluster kubernetes | Expose-KlService").As<KlService>();

        var web = Assert.Single(services, service => service.Urls.Length > 0);
        Assert.Equal(("web", 4), (web.Name, web.Urls.Length));
        // With no wait between: they answer when they are handed out.
        using var browser = new HttpClient();
        foreach (var url in web.Urls)
            Assert.Equal("found it", await browser.GetStringAsync(url));
        Assert.Equal(["database.later.svc:3306"], Assert.Single(services, service => service.Name == "database").Addresses);
        await Oracle.AskAsync("delete namespace later --wait=false");
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

    private static ShellResult One(string script, params (string Name, object? Value)[] variables)
    {
        var result = Shell.Run(script, variables: variables.ToDictionary(one => one.Name, one => one.Value));
        result.Good<object>();
        return result;
    }
}
