using System.Globalization;
using KubeLab.Tests.Deployments;
using KubeLab.Tests.Kube;
using Microsoft.AspNetCore.Http;

namespace KubeLab.Tests.Resources;

public sealed class LookupCmdletTests
{
    private const string Spec = """{"containers":[],"selector":{},"template":{"spec":{"containers":[]}},"ports":[]}""";
    // A slow computer needs more: names arrive in more portions, and the list for each has five pages.
    private const int Handful = 150;
    private const string Pods = "GET /api/v1/namespaces/default/pods";

    [Theory]
    [InlineData("Get-KlPod", "/api/v1/namespaces/default/pods", "Pod")]
    [InlineData("Get-KlNode", "/api/v1/nodes", "Node")]
    [InlineData("Get-KlDeployment", "/apis/apps/v1/namespaces/default/deployments", "Deployment")]
    [InlineData("Get-KlService", "/api/v1/namespaces/default/services", "Service")]
    [InlineData("Get-KlResource pods", "/api/v1/namespaces/default/pods", "Resource")]
    public async Task Two_thousand_piped_names_need_few_requests(string command, string path, string kind)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET " + path, Always(Pages(2000))).On("GET /apis", Always(FakeApi.Json("""{"groups":[]}""")))
            .On("GET /api/v1", Always(FakeApi.Json("""{"resources":[{"name":"pods","singularName":"pod","kind":"Pod","namespaced":true}]}""")));
        if (kind == "Service")
            fake.On("GET /api/v1/nodes", Always(FakeApi.Json("""{"items":[]}""")));

        var piped = kind == "Resource" ? "ForEach-Object { [pscustomobject]@{ Kind = 'pods'; Name = $_ } } | Get-KlResource" : command;
        var result = WorkloadCmdletTests.Run(fake, $"1999..0 | ForEach-Object {{ 'n{{0:0000}}' -f $_; if ($_ -eq 7) {{ 'gone' }} }} | {piped}");

        Assert.Equal(Enumerable.Range(0, 2000).Select(Name), result.As<object>().Select(one => one.ToString()!).Order());
        Assert.StartsWith($"{kind}NotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("gone", result.Errors[0].TargetObject);
        Assert.InRange(fake.Seen.Count, 1, Handful);
    }

    [Fact]
    public async Task A_few_piped_names_are_requested_individually()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, Always(Pages(2000)));

        var result = WorkloadCmdletTests.Run(fake, "'n0001', 'gone', 'n0002', 'n0001' | Get-KlPod");

        Assert.Equal(["n0001", "n0001", "n0002"], result.As<object>().Select(one => one.ToString()!).Order());
        Assert.Single(result.Errors);
        Assert.All(fake.Seen, one => Assert.Contains("fieldSelector=metadata.name%3D", one, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_in_several_namespaces_are_requested_in_each()
    {
        await using var fake = await FakeApi.StartAsync();
        foreach (var ns in new[] { "a", "b" })
            fake.On($"GET /api/v1/namespaces/{ns}/pods", Always(Pages(20, ns)));

        var result = WorkloadCmdletTests.Run(fake,
            "0..19 | ForEach-Object { foreach ($ns in 'a', 'b') { [pscustomobject]@{ Kind = 'Pod'; Name = 'n{0:0000}' -f $_; Namespace = $ns } } } | "
                + "Get-KlPod");

        Assert.Equal(40, result.Good<KlPod>().DistinctBy(pod => (pod.Namespace, pod.Name)).Count());
        Assert.InRange(fake.Seen.Count, 2, Handful);
    }

    [Fact]
    public async Task Without_permission_to_list_objects_are_requested_by_name()
    {
        await using var fake = await FakeApi.StartAsync();
        var pages = Pages(10);
        fake.On(Pods, Always(context => context.Request.Query.ContainsKey("fieldSelector") ? pages(context)
            : FakeApi.Status(403, "Forbidden", "no list")(context)));

        Assert.Equal(10, WorkloadCmdletTests.Run(fake, "0..9 | ForEach-Object { 'n{0:0000}' -f $_ } | Get-KlPod").Good<object>().Count);
    }

    [Fact]
    public async Task Select_First_cancels_the_remaining_names()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, Always(Pages(2000)));

        Assert.Single(WorkloadCmdletTests.Run(fake, "0..1999 | ForEach-Object { 'n{0:0000}' -f $_ } | Get-KlPod | Test-KlFirst").Good<object>());
        Assert.InRange(fake.Seen.Count, 1, Handful);
    }

    [Theory]
    [InlineData("Get-KlPod 'web['", "NameInvalid")]
    [InlineData("Get-KlPod ' '", "NameInvalid")]
    [InlineData("'web[', 'a' | Get-KlPod", "NameInvalid")]
    [InlineData("Get-KlPod -Namespace ..", "KubeNameInvalid")]
    [InlineData("Get-KlPod -Namespace a/b", "KubeNameInvalid")]
    public async Task An_invalid_name_is_one_error(string command, string errorId)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, Always(Pages(0)));
        var result = WorkloadCmdletTests.Run(fake, command);
        Assert.Single(result.Errors, error => error.FullyQualifiedErrorId.StartsWith(errorId + ",", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_empty_namespace_means_the_context_namespace()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Pods, Always(Pages(1)));
        Assert.Equal(3, WorkloadCmdletTests.Run(fake, "Get-KlPod -Namespace ''; Get-KlPod -Namespace $null; Get-KlPod -Cluster ''").Good<object>().Count);
    }

    private static RequestDelegate[] Always(RequestDelegate answer) => [.. Enumerable.Repeat(answer, 2100)];

    // Pages and selects like the API server.
    private static RequestDelegate Pages(int count, string ns = "default") => async context =>
    {
        var query = context.Request.Query;
        var wanted = query["fieldSelector"].ToString().Split('=') is [_, var name] ? Enumerable.Range(0, count).Where(i => Name(i) == name)
            : Enumerable.Range(0, count);
        int.TryParse(query["continue"], CultureInfo.InvariantCulture, out var from);
        var to = from + int.Parse(query["limit"]!, CultureInfo.InvariantCulture);
        await FakeApi.Json($$"""
            {"metadata":{"resourceVersion":"5"{{(to < count && wanted.Skip(to).Any() ? $",\"continue\":\"{to}\"" : "")}} },
             "items":[{{string.Join(',', wanted.Skip(from).Take(to - from).Select(i =>
                $$$"""{"metadata":{"name":"{{{Name(i)}}}","namespace":"{{{ns}}}"},"spec":{{{Spec}}} }"""))}}]}
            """)(context);
    };

    private static string Name(int i) => $"n{i:0000}";
}
