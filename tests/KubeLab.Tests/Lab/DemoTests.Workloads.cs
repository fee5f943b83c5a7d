using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KubeLab.Tests.Images;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

public sealed partial class DemoTests
{
    [Theory, Order(20)]
    [InlineData("pods -A", 5, "Get-KlPod -AllNamespaces | ForEach-Object { \"$($_.Namespace) $($_.Name) $($_.Ready) $($_.Status) $($_.Restarts)\" }")]
    [InlineData("nodes", 3, "Get-KlNode | ForEach-Object { \"$($_.Name) $($_.Status) $(if ($_.Roles) { $_.Roles -join ',' } else { '<none>' })\" }")]
    [InlineData("deployments -A", 5,
        "Get-KlDeployment -AllNamespaces | ForEach-Object { \"$($_.Namespace) $($_.Name) $($_.Ready) $($_.UpToDate) $($_.Available)\" }")]
    [InlineData("services -A", 6, """
        Get-KlService -AllNamespaces | ForEach-Object {
            $external = if ($_.ExternalIP) { $_.ExternalIP -join ',' } else { '<none>' }
            "$($_.Namespace) $($_.Name) $($_.Type) $($_.ClusterIP) $external $($_.Ports -join ',')"
        }
        """)]
    public async Task The_get_cmdlets_show_the_same_values_as_kubectl(string theirs, int columns, string ours) =>
        await Oracle.SameAsync(
            async () => (await Oracle.ColumnsAsync($"get {theirs}", columns)).ToArray(),
            () => [.. Invoke(ours).As<string>().Order(StringComparer.Ordinal)]);

    [Fact, Order(20)]
    public async Task A_second_publish_sends_only_the_layer_that_changed()
    {
        using var folder = new TemporaryFolder("layers", "FROM scratch\nCOPY base /\nCOPY top /\n");
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "base"), RandomNumberGenerator.GetBytes(2_000_000));
        Assert.InRange(await SentAsync(), 2_000_000, 2_500_000);
        Assert.InRange(await SentAsync(), 100_000, 300_000);
        await OfflineLab.DockerAsync("image", "rm", "-f", "kubelab/layers");

        async Task<long> SentAsync()
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.Path, "top"), RandomNumberGenerator.GetBytes(100_000));
            var result = Invoke("Get-KlRegistry kubernetes | Publish-KlImage -Path $folder", ("folder", folder.Path));
            var sent = result.Debug.Select(line => Regex.Match(line, "docker push sent ([0-9]+) bytes")).Single(match => match.Success);
            return long.Parse(sent.Groups[1].Value, CultureInfo.InvariantCulture);
        }
    }

    [Fact, Order(21)]
    public void A_crashing_container_is_an_error_with_the_end_of_its_log()
    {
        var result = RunWithImage(
            "New-KlDeployment crash $image -Namespace kubetest -Cluster kubernetes -Command /usr/local/bin/kube-proxy, --nonsense -Timeout 300");

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("DeploymentFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("exit code ", error.ToString(), StringComparison.Ordinal);
        // The log ends with the usage message.
        Assert.Contains("--write-config-to", error.ToString(), StringComparison.Ordinal);
    }

    [Fact, Order(22)]
    public void A_missing_image_is_an_error_before_the_timeout_and_the_next_run_pulls_it_again()
    {
        var pods = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            var result = RunWithImage("New-KlDeployment missing \"$image-not\" -Namespace kubetest -Cluster kubernetes -Timeout 300");

            var error = Assert.Single(result.Errors);
            Assert.StartsWith("DeploymentFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("not found", error.ToString(), StringComparison.Ordinal);
            pods.AddRange(Invoke("(Get-KlPod missing-* -Namespace kubetest -Cluster kubernetes).Name").As<string>());
        }
        Assert.Equal(2, pods.Distinct().Count());
    }

    [Fact, Order(23)]
    public void Failed_deployments_are_listed_and_can_be_removed()
    {
        Assert.Equal(["crash", "missing"], Invoke("Get-KlDeployment -Namespace kubetest -Cluster kubernetes").As<KlDeployment>().Select(d => d.Name));

        Invoke("Get-KlDeployment -Namespace kubetest -Cluster kubernetes | Remove-KlDeployment");

        Assert.Empty(Invoke("Get-KlPod -Namespace kubetest -Cluster kubernetes").Output);
    }

    [Fact, Order(24)]
    public async Task Deployments_that_depend_on_each_other_can_be_created_first_and_exposed_later()
    {
        const string Listen = "use IO::Socket::INET; $SIG{TERM} = sub { exit }; "
            + "my $listener = IO::Socket::INET->new(LocalPort => shift, Listen => 9, ReuseAddr => 1) or die; while (my $client = $listener->accept) {";
        Invoke("""
            $image = (Get-KlPod database-* -Cluster kubernetes)[0].Object.Spec.Containers[0].Image
            $deployments = @(
                New-KlDeployment database $image -Namespace later -Cluster kubernetes -Port 3306 -NoWait -Command perl, -e, "$listen }", 3306
                New-KlDeployment web $image -Namespace later -Cluster kubernetes -Port 8080 -Timeout 300 -Command bash, -c,
                    'until (: </dev/tcp/database/3306) 2>/dev/null; do sleep 0.1; done; exec perl -e "$0" 8080',
                    "$listen sysread `$client, my `$request, 4096; print `$client qq(HTTP/1.0 200 OK\r\n\r\nfound it) }"
            )
            """, ("listen", Listen));

        var services = Invoke("Get-KlDeployment -Namespace later -Cluster kubernetes | Expose-KlService").As<KlService>();

        var web = Assert.Single(services, service => service.Urls.Length > 0);
        Assert.Equal(("web", 4), (web.Name, web.Urls.Length));
        // The URLs respond as soon as they are returned.
        using var browser = new HttpClient();
        foreach (var url in web.Urls)
            Assert.Equal("found it", await browser.GetStringAsync(new Uri(url)));
        Assert.Equal(4, Assert.Single(services, service => service.Name == "database").Addresses.Length);
        await Oracle.AskAsync("delete namespace later --wait=false");
    }

    [Fact, Order(24)]
    public async Task Ten_thousand_log_lines_of_ten_pods_are_complete_and_in_order()
    {
        // An image with a shell.
        using var folder = new Folder();
        var image = Path.Combine(folder.Path, "image.tar");
        await OfflineLab.DockerAsync("save", "--output", image, "debian:12");
        await OfflineLab.DockerAsync("cp", image, "kubernetes-2:/root/image.tar");
        await OfflineLab.DockerAsync("exec", "kubernetes-2", "ctr", "-n", "k8s.io", "images", "import", "/root/image.tar");
        var lines = Invoke("""
            $pods = 0..9 | ForEach-Object { "---
            apiVersion: v1
            kind: Pod
            metadata: {name: lines-$_, namespace: kubetest}
            spec:
              nodeName: kubernetes-2
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers:
              - name: lines
                image: docker.io/library/debian:12
                imagePullPolicy: IfNotPresent
                command:
                - bash
                - -c
                # A container that ends kills commands that are still running in it.
                - 'echo ready; until [ -s /go ]; do sleep 0.1; done; while kill -0 `$(</go) 2>/dev/null; do sleep 0.1; done;
                  for i in {1..1000}; do echo line `$i; done'
            " }
            $null = $pods | Publish-KlManifest -Cluster kubernetes | Wait-KlResource -JsonPath '{.status.phase}=Running'
            Get-KlLog lines-* -Follow -Namespace kubetest -Cluster kubernetes | ForEach-Object {
                # The lines are written only after the log is followed.
                if ($_.Line -eq 'ready') { Invoke-KlPodCommand bash, -c, 'echo $$ >/go' -Name $_.Pod -Namespace kubetest -Cluster kubernetes } else { $_ }
            }
            Get-KlResource pods lines-* -Namespace kubetest -Cluster kubernetes | Remove-KlResource
            """).As<KlLogLine>().ToLookup(line => line.Pod, line => line.Line);

        Assert.Equal(10, lines.Count);
        foreach (var pod in lines)
            Assert.Equal(Enumerable.Range(1, 1000).Select(i => $"line {i}"), pod);
    }

    // An image that every node has.
    private static ShellResult RunWithImage(string script) =>
        Shell.Run($"$image = (Get-KlPod kube-proxy-* -Namespace kube-system -Cluster kubernetes)[0].Object.Spec.Containers[0].Image; {script}");
}
