using KubeLab.Engine.Pods;
using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Pods;

public sealed class PodSelectionTests
{
    private const string Pods = "GET /api/v1/namespaces/default/pods";

    [Theory]
    [InlineData("Deployment",
        """{"selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]},"""
            + """{"key":"old","operator":"DoesNotExist"}]}}""", "&labelSelector=app%3Dweb%2Ctier%20in%20%28a%2Cb%29%2C%21old")]
    [InlineData("Service", """{"selector":{"app":"web","tier":"front"}}""", "&labelSelector=app%3Dweb%2Ctier%3Dfront")]
    [InlineData("Pod", "{}", "&fieldSelector=metadata.name%3Dx")]
    public async Task Piped_objects_select_their_pods(string kind, string spec, string query)
    {
        await using var fake = await ServerAsync(kind, spec);
        fake.On(Pods, FakeApi.Json("""{"metadata":{},"items":[]}"""));
        Kubectl.Run(fake, $"[pscustomobject]@{{ Kind = '{kind}'; Name = 'x' }} | Get-KlPod");
        Assert.Contains(fake.Seen, seen => seen.StartsWith(Pods + "?limit=100" + query, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pods_of_a_node_are_in_all_namespaces()
    {
        await using var fake = await ServerAsync("Node", "{}");
        fake.On("GET /api/v1/pods", FakeApi.Json("""{"metadata":{},"items":[]}"""))
            .On("GET /api/v1/namespaces/x/pods", FakeApi.Json("""{"metadata":{},"items":[]}"""))
            .On("GET /api/v1/namespaces/x", [.. Enumerable.Repeat(FakeApi.Json("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"x"}}"""), 2)]);
        Kubectl.Run(fake, "[pscustomobject]@{ Kind = 'Node'; Name = 'x' } | Get-KlPod -Label a=b; Get-KlPod -For ns/x");
        Assert.Contains(fake.Seen, seen => seen.StartsWith("GET /api/v1/pods?limit=100&labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dx",
            StringComparison.Ordinal));
        Assert.Contains(fake.Seen, seen => seen.StartsWith("GET /api/v1/namespaces/x/pods", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Get-KlPod -For Deployment/x", "PodNotFound")]
    [InlineData("Get-KlPod -For Deployment/none", "ResourceNotFound")]
    [InlineData("Get-KlPod -For nothing/x", "KubeKindNotFound")]
    [InlineData("Get-KlLog a/b/c", "PodNotFound")]
    [InlineData("Get-KlNode -For Deployment/x", "InputInvalid")]
    [InlineData("Invoke-KlPodCommand ls -Name Node/x", "PodNotFound")]
    public async Task An_object_without_pods_is_one_error(string script, string id)
    {
        await using var fake = await ServerAsync("Deployment", """{"selector":{}}""");
        fake.On("GET /api/v1/nodes/x", FakeApi.Json("""{"apiVersion":"v1","kind":"Node","metadata":{"name":"x"}}"""))
            .On("GET /apis/apps/v1/namespaces/default/deployments/none", FakeApi.Status(404, "NotFound", "none"));
        var error = Assert.Single(Kubectl.Run(fake, script).Errors);
        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotEqual("", error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task A_single_pod_is_running_ready_and_the_oldest()
    {
        await using var fake = await ServerAsync("Service", """{"selector":{"a":"b"},"ports":[{"port":80,"targetPort":"http"},{"port":81,"targetPort":9}]}""");
        string[] worse = [Pod("a-ends", 1, true, "Running", """,  "deletionTimestamp":"2026-01-01T00:00:00Z" """), Pod("b-starts", 1, false, "Pending"),
            Pod("c-unready", 1, false, "Running"), Pod("d-young", 3, true, "Running")];
        fake.On(Pods, [.. Enumerable.Repeat(FakeApi.Json($$"""{"metadata":{},"items":[{{string.Join(',', worse)}},{{Pod("e-best", 2, true, "Running")}}]}"""),
            3)]);
        Assert.Equal(("e-best", 8080), await ForwardAsync(80));
        Assert.Equal(("e-best", 9), await ForwardAsync(81));
        Assert.Equal("PortNotFound", (await Assert.ThrowsAsync<KlException>(() => ForwardAsync(82))).ErrorId);

        async Task<(string, int)> ForwardAsync(int port)
        {
            await using var forwards = new PortForwards(fake.Session);
            var forward = await forwards.StartAsync(fake.Open(), null, "service/x", port, 0, default);
            await forwards.StopAsync(forward.LocalPort);
            return (forward.Name, forward.Port);
        }
    }

    [Fact]
    public async Task Metrics_of_a_node_contain_only_its_pods()
    {
        await using var fake = await ServerAsync("Node", "{}");
        fake.On("GET /api/v1/pods", FakeApi.Json($$"""{"metadata":{},"items":[{{Pod("a", 1, true, "Running")}}]}"""))
            .On("GET /apis/metrics.k8s.io/v1beta1/pods",
                FakeApi.Json("""{"items":[{"metadata":{"name":"a","namespace":"default"},"containers":[]},{"metadata":{"name":"a","namespace":"other"}"""
                    + ""","containers":[]},{"metadata":{"name":"b","namespace":"default"},"containers":[]}]}"""));
        var used = Assert.Single(Kubectl.Run(fake, "[pscustomobject]@{ Kind = 'Node'; Name = 'x' } | Get-KlMetric -Kind Pod").Good<KlMetric>());
        Assert.Equal(("a", "default"), (used.Name, used.Namespace));
    }

    [Fact]
    public async Task A_piped_object_is_requested_by_name()
    {
        await using var fake = await ServerAsync("Deployment", "{}");
        fake.On("GET /api/v1/nodes", [.. Enumerable.Repeat(FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"x"},"spec":{},"status":{}}]}"""), 3)]);
        var seen = Kubectl.Run(fake,
            "'x' | Get-KlNode; [pscustomobject]@{ Kind = 'Node'; Name = 'x' } | Get-KlNode; [pscustomobject]@{ Name = 'x' } | Get-KlNode").Good<KlNode>();
        Assert.Equal(["x", "x", "x"], seen.Select(node => node.Name));
        Assert.Equal(3, fake.Seen.Count(one => one.Contains("fieldSelector=metadata.name%3Dx", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_piped_object_is_returned_with_all_fields()
    {
        await using var fake = await ServerAsync("Deployment", "{}");
        fake.On("GET /apis/apps/v1/namespaces/default/deployments", FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"x"},"more":1}]}"""));
        Assert.Contains("\"more\": 1", Assert.Single(Kubectl.Run(fake, "[pscustomobject]@{ Kind = 'Deployment'; Name = 'x' } | Get-KlResource")
            .Good<KlResource>()).Json, StringComparison.Ordinal);
        Assert.Contains(fake.Seen, one => one.Contains("fieldSelector=metadata.name%3Dx", StringComparison.Ordinal));
    }

    private static string Pod(string name, int day, bool ready, string phase, string more = "") => $$"""
        {"metadata":{"name":"{{name}}","namespace":"default","creationTimestamp":"2026-01-0{{day}}T00:00:00Z"{{more}} },
         "spec":{"containers":[{"name":"c","ports":[{"name":"http","containerPort":8080}]}]},
         "status":{"phase":"{{phase}}","conditions":[{"type":"Ready","status":"{{ready}}"}]} }
        """;

    private static async Task<FakeApi> ServerAsync(string kind, string spec)
    {
        var fake = await FakeApi.StartAsync();
        for (var session = 0; session < 3; session++)
            fake.On("GET /apis", FakeApi.Json("""{"groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1"}],"preferredVersion":"""
                + """{"groupVersion":"apps/v1"}}]}"""))
                .On("GET /apis/apps/v1",
                    FakeApi.Json("""{"resources":[{"name":"deployments","kind":"Deployment","namespaced":true,"shortNames":["deploy"]}]}"""))
                .On("GET /api/v1", FakeApi.Json("""{"resources":[{"name":"pods","kind":"Pod","namespaced":true},"""
                    + """{"name":"services","singularName":"service","kind":"Service","namespaced":true},{"name":"nodes","kind":"Node","namespaced":false}"""
                    + """,{"name":"namespaces","kind":"Namespace","namespaced":false,"shortNames":["ns"]}]}"""));
        var path = kind switch
        {
            "Deployment" => "/apis/apps/v1/namespaces/default/deployments/x",
            "Node" => "/api/v1/nodes/x",
            _ => $"/api/v1/namespaces/default/{kind.ToLowerInvariant()}s/x"
        };
        return fake.On("GET " + path,
            [.. Enumerable.Repeat(FakeApi.Json($$"""{"apiVersion":"v1","kind":"{{kind}}","metadata":{"name":"x","namespace":"default"},"spec":{{spec}} }"""),
                6)]);
    }
}
