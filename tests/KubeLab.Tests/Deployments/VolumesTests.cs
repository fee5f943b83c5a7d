using KubeLab.Engine.Deployments;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Deployments;

public sealed class VolumesTests
{
    private const string Volume = "/api/v1/persistentvolumes";
    private const string Claim = "/api/v1/namespaces/default/persistentvolumeclaims";

    [Fact]
    public async Task The_node_of_a_volume_that_a_concurrent_run_created_is_returned()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Claim}/data", FakeApi.Status(404, "NotFound", "none"))
            .On("GET /apis/storage.k8s.io/v1/storageclasses", FakeApi.Json("""{"items":[]}"""))
            .On($"GET {Volume}/default.data", FakeApi.Status(404, "NotFound", "none"),
                FakeApi.Json($$"""{"metadata":{"name":"default.data","annotations":{"{{ManagedLabels.NodeAnnotation}}":"n2"} } }"""))
            .On($"GET {Volume}", FakeApi.Json("""{"items":[]}"""))
            .On("GET /api/v1/nodes", FakeApi.Json($$"""{"items":[{{Node("n1")}},{{Node("n2")}}]}"""))
            .On($"POST {Volume}", FakeApi.Status(409, "AlreadyExists", "exists"))
            .On($"POST {Claim}", FakeApi.Status(409, "AlreadyExists", "exists"));
        using var api = fake.Open();

        Assert.Equal("n2", await Volumes.EnsureAsync(api, "default", "data", [], new Heard(), default));
        Assert.Contains("n1", fake.Bodies.First().Text, StringComparison.Ordinal);

        static string Node(string name) => $$"""
            {"metadata":{"name":"{{name}}","labels":{"kubernetes.io/hostname":"{{name}}"} },
            "status":{"conditions":[{"type":"Ready","status":"True"}]} }
            """;
    }
}
