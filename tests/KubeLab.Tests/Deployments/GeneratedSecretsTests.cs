using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Flow;
using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Deployments;

public sealed class GeneratedSecretsTests
{
    private const string Secrets = "/api/v1/namespaces/wiki/secrets";
    private readonly List<LabEvent> _events = [];

    [Fact]
    public async Task A_conflict_on_a_secret_adds_only_the_missing_keys()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Secrets}/s", FakeApi.Status(404, "NotFound", "none"), Held("4"), Held("5", "b"))
            .On($"POST {Secrets}", FakeApi.Status(409, "AlreadyExists", "there is one"))
            .On($"PATCH {Secrets}/s", FakeApi.Status(409, "Conflict", "changed"), FakeApi.Json("{}"));
        await EnsureAsync(fake, new("A", "s", "a"), new("B", "s", "b"), new("C", "s", "c"));
        var last = JsonNode.Parse(fake.Bodies.Last().Text)!;
        Assert.Equal("5", (string?)last["metadata"]!["resourceVersion"]);
        var generated = Assert.Single(last["data"]!.AsObject());
        Assert.Equal("c", generated.Key);
        Assert.Matches("^[A-Za-z0-9]{32}$", Encoding.ASCII.GetString(Convert.FromBase64String((string)generated.Value!)));
    }

    [Fact]
    public async Task Existing_keys_are_kept_and_values_are_not_shown()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Secrets}/s", Held("4", "b"), FakeApi.Status(404, "NotFound", "none"))
            .On($"POST {Secrets}", FakeApi.Json("{}", 201));
        await EnsureAsync(fake, new SecretVariable("A", "s", "a"), new("B", "s", "b"));
        Assert.Empty(fake.Bodies);
        Assert.Empty(_events);
        await EnsureAsync(fake, new SecretVariable("A", "s", "a"));
        var value = Encoding.ASCII.GetString(Convert.FromBase64String((string)JsonNode.Parse(fake.Bodies.Single().Text)!["data"]!["a"]!));
        Assert.Equal(LabEventKind.Changed, Assert.Single(_events).Kind);
        Assert.DoesNotContain(value, _events[0].Message, StringComparison.Ordinal);
    }

    private static Microsoft.AspNetCore.Http.RequestDelegate Held(string version, string more = "a") =>
        FakeApi.Json($$"""{"metadata":{"name":"s","resourceVersion":"{{version}}"},"data":{"a":"eA==","{{more}}":"eA=="} }""");

    private async Task EnsureAsync(FakeApi fake, params SecretVariable[] wanted)
    {
        using var api = fake.Open();
        await GeneratedSecrets.EnsureAsync(api, "wiki", wanted, new Heard(_events), default);
    }

    private sealed class Heard(List<LabEvent> events) : IProgress<LabEvent>
    {
        public void Report(LabEvent value) => events.Add(value);
    }
}
