using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;

namespace KubeLab.Tests.Kube;

public sealed class ClientSideApplyTests
{
    private const string Theirs =
        """{"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:old":{}}}}""";
    private const string Scaled = """{"manager":"kubectl","operation":"Update","apiVersion":"v1","fieldsV1":{"f:data":{"f:other":{}}}}""";
    private const string Status =
        """{"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"v1","subresource":"status","fieldsV1":{"f:status":{}}}""";
    private const string Ours = """{"manager":"kubelab","operation":"Apply","apiVersion":"v1","fieldsV1":{"f:data":{".":{},"f:new":{}}}}""";

    [Theory]
    [InlineData(Theirs + "," + Scaled,
        """[{"manager":"kubelab","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:old":{}}}},""" + Scaled + "]")]
    [InlineData(Ours + "," + Theirs, """[{"manager":"kubelab","operation":"Apply","apiVersion":"v1","fieldsV1":{"f:data":{".":{},"f:new":{},"f:old":{}}}}]""")]
    [InlineData(Scaled + "," + Status, null)]
    [InlineData(Ours, null)]
    [InlineData("", null)]
    public void Fields_of_kubectl_apply_are_transferred_to_KubeLab(string managed, string? expected)
    {
        var patch = ClientSideApply.OwnershipPatch(JsonNode.Parse($$"""{"metadata":{"resourceVersion":"7","managedFields":[{{managed}}]} }""")!.AsObject(),
            "kubelab");
        Assert.Equal(expected, patch?[0]?["value"]?.ToJsonString());
        Assert.Equal(expected is null ? null : """{"op":"replace","path":"/metadata/resourceVersion","value":"7"}""", patch?[1]?.ToJsonString());
    }

    [Fact]
    public async Task Ownership_is_transferred_before_the_apply_and_retried_after_a_conflict()
    {
        const string Path = "/api/v1/namespaces/default/configmaps/m";
        var theirs = $$"""{"metadata":{"name":"m","resourceVersion":"7","managedFields":[{{Theirs}}]} }""";
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1", FakeApi.Json("""{"resources":[{"name":"configmaps","kind":"ConfigMap","namespaced":true}]}"""))
            .On("GET " + Path, FakeApi.Json(theirs), FakeApi.Json(theirs))
            .On("PATCH " + Path, FakeApi.Status(409, "Conflict", "the object has been modified"),
                FakeApi.Json($$"""{"metadata":{"name":"m","managedFields":[{{Ours}}]} }"""), FakeApi.Json("""{"metadata":{"name":"m"}}"""));
        using var api = fake.Open();
        await api.ApplyAsync(JsonNode.Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"}}""")!.AsObject(), force: false, default);
        Assert.Equal(["application/json-patch+json", "application/json-patch+json", "application/apply-patch+yaml"], fake.Bodies.Select(body => body.Type));
    }
}
