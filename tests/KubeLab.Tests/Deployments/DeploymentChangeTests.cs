using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Deployments;

public sealed class DeploymentChangeTests
{
    private const string Apps = "/apis/apps/v1/namespaces/default";
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string None = """{"metadata":{},"items":[]}""";

    [Fact]
    public async Task Change_sends_only_the_specified_fields()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/deployments/web", FakeApi.Json(Web(1))).On($"PATCH {Apps}/deployments/web", FakeApi.Json(Web(2)));

        var result = Run(fake, "Set-KlDeployment web -Replicas 0 -Image r/web:2 -Environment @{ A = 1; B = $null } -Container web -NoWait");

        Assert.Equal("0/0", Assert.Single(result.Good<KlDeployment>()).Ready);
        Assert.Equal(1, Assert.Single(result.Stages).Changes);
        var (type, text) = Assert.Single(fake.Bodies);
        Assert.Equal("application/strategic-merge-patch+json", type);
        Assert.StartsWith("""{"spec":{"replicas":0,"template":{"spec":{"containers":[{"name":"web","image":"r/web:2","env":[""", text,
            StringComparison.Ordinal);
        Assert.Contains("""{"name":"A","value":"1","valueFrom":null}""", text, StringComparison.Ordinal);
        Assert.Contains("""{"name":"B","$patch":"delete"}""", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ContainerNotNamed")]
    [InlineData("-Container nope", "ContainerNotFound")]
    public async Task Change_requires_a_container_name_if_there_are_several(string more, string errorId)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/deployments/web", FakeApi.Json(Web(1)));
        var error = Assert.Single(Run(fake, $"Set-KlDeployment web -Image r/web:2 {more}").Errors);
        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("web, log", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(fake.Bodies);
    }

    [Fact]
    public async Task Revisions_are_listed_oldest_first_with_the_status_of_the_last()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/deployments/web", FakeApi.Json(Web(1))).On($"GET {Apps}/replicasets", FakeApi.Json(Sets)).On($"GET {Pods}", FakeApi.Json(None));

        var revisions = Run(fake, "Get-KlRollout web").Good<KlRollout>();

        Assert.Equal(["1 Superseded r/web:1 first", "2 Superseded r/web:2 ", "10 Complete r/web:3 "],
            revisions.Select(r => $"{r.Revision} {r.Status} {r.Images[0]} {r.ChangeCause}"));
        Assert.Contains("labelSelector=app%3Dweb%2Ctier%20in%20%28a%2Cb%29", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_does_not_list_revisions_that_the_watch_returned()
    {
        await using var fake = await FakeApi.StartAsync();
        var watched = new TaskCompletionSource();
        fake.On($"GET {Apps}/deployments/web", FakeApi.Json(Web(1)))
            .On($"GET {Apps}/deployments", async context =>
            {
                await watched.Task;
                await FakeApi.Json($$"""{"metadata":{},"items":[{{Web(1)}}]}""")(context);
            }, FakeApi.Hang)
            // The watch starts after the list was read.
            .On($"GET {Apps}/replicasets", FakeApi.Json(Sets), context =>
            {
                watched.SetResult();
                return FakeApi.Hang(context);
            })
            .On($"GET {Pods}", FakeApi.Json(None), FakeApi.Hang);

        Assert.Equal(["1 Superseded", "2 Superseded", "10 Complete"],
            Run(fake, "Get-KlRollout web -Wait").Good<KlRollout>().Select(r => $"{r.Revision} {r.Status}"));
    }

    [Theory]
    [InlineData("", "web-2")]
    [InlineData("-Revision 1", "web-1")]
    public async Task Undo_applies_the_complete_template_of_the_revision(string which, string set)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/deployments/web", FakeApi.Json(Web(1))).On($"GET {Apps}/replicasets", FakeApi.Json(Sets))
            .On($"GET {Apps}/replicasets/{set}",
                FakeApi.Json("""{"metadata":{"name":"w"},"spec":{"template":{"metadata":{"labels":{"app":"web","pod-template-hash":"x"}},"spec":"""
                    + """{"new":1}}}}"""))
            .On($"PATCH {Apps}/deployments/web", FakeApi.Json(Web(2)));

        Assert.Single(Run(fake, $"Undo-KlRollout web -NoWait {which}").Good<KlDeployment>());

        var (type, text) = Assert.Single(fake.Bodies);
        Assert.Equal("application/json-patch+json", type);
        Assert.Contains("""{"op":"add","path":"/spec/template","value":{"metadata":{"labels":{"app":"web"}},"spec":{"new":1}}}""", text,
            StringComparison.Ordinal);
        Assert.Contains("\"deployment.kubernetes.io/revision\":\"10\"", text, StringComparison.Ordinal);
        Assert.Equal(set == "web-1", text.Contains("change-cause", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_revision_is_an_error_that_lists_the_existing_ones()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/deployments/web", FakeApi.Json(Web(1))).On($"GET {Apps}/replicasets", FakeApi.Json(Sets));
        var error = Assert.Single(Run(fake, "Undo-KlRollout web -Revision 7").Errors);
        Assert.StartsWith("RevisionNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Its revisions: 1, 2, 10", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_annotates_the_template_and_fails_for_a_paused_deployment()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On($"GET {Apps}/deployments/web", FakeApi.Json(Web(1)), FakeApi.Json(Web(1, "\"paused\":true,")))
            .On($"PATCH {Apps}/deployments/web", FakeApi.Json(Web(2)));
        Assert.Single(Run(fake, "Restart-KlDeployment web -NoWait").Good<KlDeployment>());
        Assert.StartsWith("""{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"20""", Assert.Single(fake.Bodies).Text,
            StringComparison.Ordinal);
        Assert.StartsWith("DeploymentPaused,", Assert.Single(Run(fake, "Restart-KlDeployment web").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private static ShellResult Run(FakeApi fake, string script) => WorkloadCmdletTests.Run(fake, script);

    private static string Web(int generation, string more = "") => $$$"""
        {"metadata":{"name":"web","namespace":"default","uid":"u","generation":{{{generation}}},
          "annotations":{"deployment.kubernetes.io/revision":"10","mine":"1"}},
         "spec":{"replicas":0,{{{more}}}"selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["a","b"]}]},
          "template":{"spec":{"containers":[{"name":"web","image":"r/web:3"},{"name":"log","image":"r/log"}]} } },
          "status":{"observedGeneration":{{{generation}}}}}
        """;

    private static string Sets =>
        $$"""{"metadata":{},"items":[{{Set(10, "web-3", 3)}},{{Set(2, "web-2", 2)}},{{Set(1, "web-1", 1, ",\"kubernetes.io/change-cause\":\"first\"")}}]}""";

    private static string Set(int revision, string name, int tag, string more = "") => $$$$"""
        {"metadata":{"name":"{{{{name}}}}","namespace":"default","uid":"{{{{name}}}}",
          "annotations":{"deployment.kubernetes.io/revision":"{{{{revision}}}}"{{{{more}}}}},
          "ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u","controller":true}]},
         "spec":{"selector":{},"template":{"spec":{"containers":[{"name":"web","image":"r/web:{{{{tag}}}}"}]} } } }
        """;
}
