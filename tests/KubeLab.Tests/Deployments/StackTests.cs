using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Deployments;

public sealed class StackTests
{
    [Theory]
    [InlineData("r:5000/web", "latest")]
    [InlineData("r:5000/team/web:1.2", "1.2")]
    [InlineData("web:1.2@sha256:0123456789abcdef0123", "sha256:0123456789ab")]
    public async Task The_version_of_an_application_is_its_tag_or_digest(string image, string version)
    {
        await using var fake = await ServerAsync($$$$"""
            {"metadata":{"name":"web","namespace":"default","managedFields":[
               {"manager":"kube-controller-manager","time":"2026-01-01T00:00:00Z"}, {"manager":"helm","time":"2026-01-02T00:00:00Z"},
               {"manager":"kubectl-edit","time":"2026-01-03T00:00:00Z"}]},
             "spec":{"template":{"spec":{"containers":[{"name":"web","image":"{{{{image}}}}"}]}}},"status":{"readyReplicas":2}}
            """);
        var item = Kubectl.Run(fake, "Get-KlStack").As<KlStackItem>().Single(one => one.Layer == KlStackLayer.Application);
        Assert.Equal(("lab", "web", version, 2, "helm"), (item.Cluster, item.Component, item.Version, item.Count, item.DeployedBy));
    }

    [Fact]
    public async Task Without_machines_and_kubeadm_what_deployed_the_nodes_is_unknown()
    {
        await using var fake = await ServerAsync("");
        Assert.Equal(["Containers Kubernetes v1.36.0 2 ", "Containers cri-o 1.36.1 2 ", "VirtualResources Fedora 6.18 1 ", "VirtualResources Debian 6.18 1 "],
            Kubectl.Run(fake, "Get-KlStack").As<KlStackItem>().Select(one => $"{one.Layer} {one.Component} {one.Version} {one.Count} {one.DeployedBy}"));
    }

    private static async Task<FakeApi> ServerAsync(string deployment)
    {
        static string Node(string os) => $$$$"""
            {"metadata":{"name":"{{{{os}}}}"},"status":{"nodeInfo":{"kubeletVersion":"v1.36.0","containerRuntimeVersion":"cri-o://1.36.1",
             "osImage":"{{{{os}}}}",
             "kernelVersion":"6.18"}}}
            """;
        static string List(string items) => $$"""{"metadata":{},"items":[{{items}}]}""";
        var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/nodes", [.. Enumerable.Repeat(FakeApi.Json(List($"{Node("Fedora")},{Node("Debian")}")), 3)])
            .On("GET /apis/apps/v1/deployments", FakeApi.Json(List(deployment)));
        foreach (var empty in new[] { "apps/v1/statefulsets", "apps/v1/daemonsets" })
            fake.On($"GET /apis/{empty}", FakeApi.Json(List("")));
        fake.On("GET /api/v1/namespaces/kube-system/pods", FakeApi.Json(List(""))).On("GET /api/v1/persistentvolumes", FakeApi.Json(List("")));
        foreach (var absent in new[] { "configmaps/kubeadm-config", "secrets/kubelab-registry" })
            fake.On($"GET /api/v1/namespaces/kube-system/{absent}", FakeApi.Status(404, "NotFound", "not found"));
        return fake;
    }
}
