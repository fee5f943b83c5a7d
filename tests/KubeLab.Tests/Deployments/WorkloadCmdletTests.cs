using System.Text.Json.Nodes;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Deployments;

public sealed class WorkloadCmdletTests
{
    private const string Apps = "/apis/apps/v1/namespaces/default/deployments";
    private const string Core = "/api/v1/namespaces/default";
    private const string Web = """{"metadata":{"name":"web","namespace":"default","labels":{"app.kubernetes.io/managed-by":"kubelab"}},"spec":"""
        + """{"replicas":0,"selector":{"matchLabels":{"app.kubernetes.io/name":"web"}},"template":{"spec":{"containers":["""
        + """{"name":"web","image":"r/web","ports":[{"containerPort":80}]}]}}},"status":{"observedGeneration":1}}""";
    private const string WebService = """{"metadata":{"name":"web","namespace":"default"},"spec":{"type":"NodePort","clusterIP":"10.0.0.9","ports":["""
        + """{"name":"tcp-80","port":80,"targetPort":80,"nodePort":30080,"protocol":"TCP"}]}}""";
    private const string WebInside = """{"metadata":{"name":"web","namespace":"default","labels":{"app.kubernetes.io/managed-by":"kubelab"},"annotations":"""
        + """{"org.kubelab/inside-only":"true"}},"spec":{"type":"ClusterIP","clusterIP":"10.0.0.9","ports":[{"name":"tcp-80","port":80,"targetPort":80"""
        + ""","protocol":"TCP"}]}}""";
    private const string Nodes = """{"metadata":{},"items":[{"metadata":{"name":"n1","labels":{"node-role.kubernetes.io/control-plane":""}},"spec":{}"""
        + ""","status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.1.0.1"}]}},{"metadata":"""
        + """{"name":"n2"},"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}]}""";

    [Fact]
    public async Task A_published_image_becomes_a_deployment_and_a_service_with_urls()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/web", FakeApi.Status(404, "NotFound", "none"), FakeApi.Status(404, "NotFound", "none"), FakeApi.Json(Web))
            .On("GET /api/v1/namespaces/default", FakeApi.Json("""{"metadata":{"name":"default"}}"""))
            .On("GET /api/v1/namespaces/kube-system/secrets/kubelab-registry", FakeApi.Status(403, "Forbidden", "not yours"))
            .On($"PATCH {Apps}/web", FakeApi.Json(Web, 201))
            .On($"GET {Core}/services/web", FakeApi.Status(404, "NotFound", "none"), FakeApi.Status(404, "NotFound", "none"), FakeApi.Json(WebInside),
                FakeApi.Json(WebInside))
            .On($"PATCH {Core}/services/web", FakeApi.Json(WebInside, 201), FakeApi.Json(WebService))
            .On("GET /api/v1/nodes", FakeApi.Json(Nodes));
        var image = new KlImage { Name = "web", Cluster = "lab", Reference = "r/web@sha256:1", Digest = "sha256:1", Declares = new() { Ports = [80] } };

        var result = Run(fake, "$image | New-KlDeployment -NoWait -Environment @{ A = 1 } | Expose-KlService", image);

        Assert.Empty(result.Errors);
        var service = Assert.Single(result.As<KlService>());
        Assert.Equal(["http://10.1.0.1:30080/"], service.Urls);
        Assert.Equal("lab", service.Cluster);
        var bodies = fake.Bodies.Select(body => body.Text).ToList();
        Assert.Contains("\"env\":[{\"name\":\"A\",\"value\":\"1\"}]", bodies[1], StringComparison.Ordinal);
        // Its DNS name exists before the deployment, because other applications may resolve it immediately.
        Assert.Equal(["ClusterIP", "NodePort"], ((string[])[bodies[0], bodies[2]]).Select(body => JsonNode.Parse(body)!["spec"]!["type"]!.GetValue<string>()));
        Assert.Equal([2, 1], result.Stages.Select(s => s.Changes));
    }

    [Theory]
    [InlineData(WebInside, true)]
    [InlineData(WebService, false)]
    [InlineData("""{"metadata":{"name":"web","namespace":"default","annotations":{"org.kubelab/inside-only":"true"}},"spec":{}}""", false)]
    public async Task Removing_a_deployment_removes_its_internal_service_only(string service, bool isRemoved)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Core}/services/web", FakeApi.Json(service)).On($"DELETE {Core}/services/web", FakeApi.Json("{}"))
            .On($"GET {Apps}/web", FakeApi.Status(404, "NotFound", "none"));

        Assert.Empty(Run(fake, "Remove-KlDeployment web").Errors);

        Assert.Equal(isRemoved, fake.Seen.Any(request => request.StartsWith($"DELETE {Core}/services/web", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(200)]
    public async Task A_deployment_is_created_without_its_internal_service_if_that_fails(int code)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/web", FakeApi.Json(Web), FakeApi.Json(Web)).On($"PATCH {Apps}/web", FakeApi.Json(Web))
            .On("GET /api/v1/namespaces/kube-system/secrets/kubelab-registry", FakeApi.Status(403, "Forbidden", "not yours"))
            .On($"GET {Core}/services/web", code == 403 ? FakeApi.Status(403, "Forbidden", "services are closed") : FakeApi.Json(WebService));

        var result = Run(fake, "New-KlDeployment web r/web -Port 80 -NoWait");

        Assert.Empty(result.Errors);
        Assert.Equal(code == 403 ? 1 : 0, result.Warnings.Count(warning => warning.Contains("services are closed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task WhatIf_sends_no_requests()
    {
        await using var fake = await FakeApi.StartAsync();
        var result = Run(fake, "New-KlDeployment web r/web -WhatIf; Expose-KlService web -WhatIf; Remove-KlDeployment web -WhatIf; "
            + "Remove-KlService web -WhatIf");
        Assert.Empty(result.Errors);
        Assert.Empty(fake.Seen);
    }

    [Fact]
    public async Task A_deployment_not_created_by_KubeLab_is_not_changed()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/web", FakeApi.Json("""{"metadata":{"name":"web","namespace":"default"},"spec":{}}"""));
        var error = Assert.Single(Run(fake, "New-KlDeployment web r/web").Errors);
        Assert.Equal("DeploymentExists,KubeLab.Cmdlets.Deployments.NewKlDeployment", error.FullyQualifiedErrorId);
        Assert.Empty(fake.Bodies);
    }

    [Fact]
    public async Task Names_accept_wildcards_and_a_missing_name_is_an_error()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/pods",
            FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"web-1","namespace":"a"},"spec":{"containers":[]}},{"metadata":"""
                + """{"name":"db-1","namespace":"b"},"spec":{"containers":[]}}]}"""))
            .On("GET /api/v1/nodes", FakeApi.Json(Nodes));
        var pods = Run(fake, "Get-KlPod WEB*, nope -AllNamespaces -Label x=y");
        Assert.Equal("web-1", Assert.Single(pods.As<KlPod>()).Name);
        Assert.StartsWith("PodNotFound", Assert.Single(pods.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.EndsWith("&labelSelector=x%3Dy", fake.Seen.Single(), StringComparison.Ordinal);
        Assert.Equal(["n1 Ready control-plane", "n2 NotReady,SchedulingDisabled "],
            Run(fake, "Get-KlNode").As<KlNode>().Select(n => $"{n.Name} {n.Status} {string.Join(',', n.Roles)}"));
    }

    [Fact]
    public async Task Removing_a_missing_object_succeeds_and_timeouts_are_in_seconds()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/web", FakeApi.Status(404, "NotFound", "none"), FakeApi.Json(Web))
            .On($"GET {Core}/services/web", FakeApi.Status(404, "NotFound", "none"), FakeApi.Status(404, "NotFound", "none"))
            .On($"DELETE {Apps}/web", FakeApi.Json("{}"))
            .On($"GET {Apps}", FakeApi.Json($$"""{"metadata":{},"items":[{{Web}}] }"""));
        Assert.Empty(Run(fake, "Remove-KlDeployment web").Errors);
        var error = Assert.Single(Run(fake, "Remove-KlDeployment web -Timeout 0").Errors);
        Assert.StartsWith("RemovalTimeout", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("not deleted yet: web", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_runs_unchanged_and_its_exit_code_is_an_error()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Core}/pods/web-1", FakeApi.Json("""{"metadata":{"name":"web-1","namespace":"default"},"spec":{"containers":[{"name":"c"}] } }"""))
            .On($"GET {Core}/pods/web-1/exec", FakeApi.Socket("v4.channel.k8s.io", async socket =>
            {
                await FakeApi.SayAsync(socket, 1, "a\nb"u8.ToArray());
                await FakeApi.SayAsync(socket, 3,
                    """{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}"""u8.ToArray());
            }));
        var result = Run(fake, "Invoke-KlPodCommand ls, / -Name web-1; $LASTEXITCODE");
        Assert.Equal(["a", "b"], result.Output.OfType<KlPodLine>().Select(line => line.Line));
        Assert.Equal(3, result.Output[^1]);
        Assert.StartsWith("PodCommandFailed,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.EndsWith("stderr=true&command=ls&command=%2F", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exec: \\\"nope\\\": executable file not found in $PATH: unknown", 127)]
    [InlineData("exec: \\\"/etc\\\": permission denied: unknown", 126)]
    public async Task A_program_that_cannot_start_has_the_exit_code_of_shells(string message, int code)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Core}/pods/web-1", FakeApi.Json("""{"metadata":{"name":"web-1","namespace":"default"},"spec":{"containers":[{"name":"c"}] } }"""))
            .On($"GET {Core}/pods/web-1/exec", FakeApi.Socket("v4.channel.k8s.io", socket =>
                FakeApi.SayAsync(socket, 3,
                    System.Text.Encoding.UTF8.GetBytes($$"""{"status":"Failure","reason":"InternalError","message":"{{message}}"}"""))));
        var result = Run(fake, "$global:LASTEXITCODE = 0; Invoke-KlPodCommand nope -Name web-1; $LASTEXITCODE");
        Assert.Equal([code], result.As<int>());
        Assert.StartsWith("PodCommandFailed,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    // In all streams, for failures and successes.
    [Fact]
    public async Task Messages_contain_no_token()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Core}/pods", FakeApi.Status(401, "Unauthorized", "who are you"), FakeApi.Status(403, "Forbidden", "no"),
            FakeApi.Json("""{"items":[]}"""));
        var config = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(config, Kubectl.Config(fake.Url).Replace("\"t\"", "\"s3cr3t-t0ken\"", StringComparison.Ordinal));
            var result = Shell.Run($"$was = $env:KUBECONFIG; $env:KUBECONFIG = '{config}'; try {{ Get-KlPod; Get-KlPod; Get-KlPod }}"
                + " finally { $env:KUBECONFIG = $was }");
            Assert.Equal(2, result.Errors.Count);
            Assert.DoesNotContain("s3cr3t", string.Concat(result.Errors.Select(e => $"{e.Exception} {e.ErrorDetails} {e.TargetObject}"))
                + string.Concat([.. result.Verbose, .. result.Debug, .. result.Warnings]) + string.Concat(result.Information), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(config);
        }
    }

    internal static ShellResult Run(FakeApi fake, string script, KlImage? image = null) =>
        Kubectl.Run(fake, script, variables: new Dictionary<string, object?> { ["image"] = image });
}
