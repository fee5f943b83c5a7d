using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Tests.Resources;

public sealed class KubeDetailTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    [Fact]
    public void Conditions_of_a_node_have_their_age()
    {
        var node = new V1Node
        {
            Metadata = new() { Name = "n" },
            Status = new() { Conditions = [new() { Type = "Ready", Status = "True", LastTransitionTime = Now.UtcDateTime.AddMinutes(-5) }] },
        };
        Assert.Equal("Ready True  5m", KlNode.From(node, "k", Now).Detail().Conditions);
    }

    [Fact]
    public void Conditions_of_any_object_have_their_age()
    {
        var condition = new JsonObject { ["type"] = "Complete", ["status"] = "True", ["lastTransitionTime"] = $"{Now.AddMinutes(-5):O}" };
        var seen = new KubeObject(new()
        {
            ["kind"] = "Job", ["metadata"] = new JsonObject { ["name"] = "j" }, ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) },
        });
        Assert.Equal("Complete True  5m", KlResource.From(seen, "k", Now).Detail().Conditions);
    }
}
