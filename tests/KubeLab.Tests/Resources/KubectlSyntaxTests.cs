using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Queries;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Resources;

/// <summary>Input of kubectl users.</summary>
public sealed class KubectlSyntaxTests
{
    private const string Core = """{"resources":[{"name":"pods","kind":"Pod","namespaced":true,"shortNames":["po"],"verbs":["get","list"]},"""
        + """{"name":"services","kind":"Service","namespaced":true,"shortNames":["svc"],"verbs":["list"]}]}""";

    public static TheoryData<string> Types => [.. typeof(KlCmdlet).Assembly.GetExportedTypes()
        .Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null).Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Short_options_have_the_meaning_of_kubectl_or_none(string type)
    {
        var parameters = new CmdletInfo("Test-Kl", typeof(KlCmdlet).Assembly.GetType(type, throwOnError: true)!).Parameters;
        Assert.NotEqual("Force", Bound("f"));
        // Fault and FailuresPerYear reject the name of a file. History is one.
        Assert.Contains(Bound("f"), parameters.ContainsKey("Recurse") ? ["Path"]
            : new[] { null, "Follow", "For", "FromPod", "Filename", "Fault", "FailuresPerYear", "History" });
        Assert.Null(Bound("o"));
        foreach (var (letter, name) in new[] { ("n", "Namespace"), ("A", "AllNamespaces"), ("c", "Container"), ("w", "Watch") })
            if (parameters.ContainsKey(name))
                Assert.Equal(name, Bound(letter));
        if (parameters.TryGetValue("Label", out var label) && label.ParameterType == typeof(string[]))
            Assert.Equal("Label", Bound("l"));

        // PowerShell resolves a full name or alias, otherwise a unique prefix.
        string? Bound(string letter)
        {
            bool Is(string name) => string.Equals(name, letter, StringComparison.OrdinalIgnoreCase);
            bool Begins(string name) => name.StartsWith(letter, StringComparison.OrdinalIgnoreCase);
            return parameters.Values.FirstOrDefault(one => Is(one.Name) || one.Aliases.Any(Is))?.Name
                ?? (parameters.Values.Where(one => Begins(one.Name) || one.Aliases.Any(Begins)).ToList() is [var one] ? one.Name : null);
        }
    }

    [Theory]
    [InlineData("Get-KlPod --all-namespaces", "Use -AllNamespaces.")]
    [InlineData("Get-KlPod --namespace=web", "Use -Namespace.")]
    [InlineData("Get-KlPod --selector=a=b", "Use -Label.")]
    [InlineData("Get-KlPod web --watch", null)]
    [InlineData("Get-KlResource pods --field-selector=a=b", "Use -Field.")]
    [InlineData("Get-KlLog web --tail=20", "Use -Tail.")]
    [InlineData("Remove-KlResource pod --all", "Remove-KlResource has no equivalent parameter.")]
    [InlineData("Publish-KlManifest --filename=a.yaml", "Use -Path.")]
    [InlineData("Publish-KlManifest --force", "Use -Force.")]
    [InlineData("Set-KlNode --overwrite", "Set-KlNode has no equivalent parameter.")]
    [InlineData("Suspend-KlNode -f n1", null)]
    public void Long_kubectl_options_are_rejected(string script, string? next)
    {
        var error = Assert.Single(Shell.Run(script).Errors);
        if (next is not null)
            Assert.Equal(next, error.ErrorDetails.RecommendedAction);
    }

    [Theory]
    [InlineData("Get-KlPod pod/web", "/api/v1/namespaces/default/pods")]
    [InlineData("Get-KlPod po/web -n default", "/api/v1/namespaces/default/pods")]
    [InlineData("Get-KlService svc/web", "/api/v1/namespaces/default/services")]
    [InlineData("Get-KlResource pod/web", "/api/v1/namespaces/default/pods")]
    [InlineData("Get-KlResource pods web", "/api/v1/namespaces/default/pods")]
    public async Task KIND_and_NAME_are_accepted(string script, string path)
    {
        await using var fake = await ServerAsync();
        fake.On("GET " + path, FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[]}"""
            + ""","status":{}}]}"""));
        Assert.Single(Kubectl.Run(fake, script).Good<object>());
        Assert.Contains(fake.Seen, one => one.Contains("fieldSelector=metadata.name%3Dweb", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Get-KlResource pod/a svc/b")]
    [InlineData("Get-KlResource pod, svc")]
    [InlineData("Get-KlResource 'pod,svc'")]
    [InlineData("Get-KlResource pod/a, svc/b")]
    public async Task Several_kinds_are_accepted(string script)
    {
        await using var fake = await ServerAsync();
        fake.On("GET /api/v1/namespaces/default/pods", FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"a"}}]}"""))
            .On("GET /api/v1/namespaces/default/services", FakeApi.Json("""{"metadata":{},"items":[{"metadata":{"name":"b"}}]}"""));
        Assert.Equal(["Pod a", "Service b"], Kubectl.Run(fake, script).Good<KlResource>().Select(one => $"{one.Kind} {one.Name}").Order());
    }

    [Theory]
    [InlineData("Get-KlPod svc/web", "KindUnexpected,")]
    [InlineData("Get-KlResource pod/a b", "KindNameMissing,")]
    [InlineData("Remove-KlResource pod", "KindNameMissing,")]
    [InlineData("Remove-KlResource pod/a pod/b", "KindNameMissing,")]
    [InlineData("Wait-KlResource pod/ -Condition Ready", "KindNameMissing,")]
    [InlineData("Remove-KlDeployment svc/web", "")]
    [InlineData("Suspend-KlNode pod/web", "")]
    public void A_name_of_another_kind_is_rejected(string script, string id) =>
        Assert.StartsWith(id, Assert.Single(Shell.Run(script).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public async Task Remove_and_Wait_accept_KIND_and_NAME()
    {
        await using var fake = await ServerAsync();
        const string Pod = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","uid":"1"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}""";
        fake.On("GET /api/v1/namespaces/default/pods/x", FakeApi.Json(Pod), FakeApi.Json(Pod))
            .On("DELETE /api/v1/namespaces/default/pods/x", FakeApi.Json("{}"));
        Assert.Equal("x", Assert.Single(Kubectl.Run(fake, "Wait-KlResource pod/x -Condition Ready; Remove-KlResource pod/x -NoWait").Good<KlResource>()).Name);
        Assert.Contains("DELETE /api/v1/namespaces/default/pods/x?propagationPolicy=Background", fake.Seen);
    }

    public static TheoryData<string, string?> Values => new()
    {
        { "'text'", "text" }, { "$true", "true" }, { "$false", "false" }, { "3", "3" }, { "1.5", "1.5" }, { "1.10d", "1.10" }, { "$null", "" },
        { "[char]'c'", "c" },
        { "[datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Utc)", "2026-01-02T03:04:05.0000000Z" }, { "[timespan]'1:02:03'", "01:02:03" },
        { "[uri]'http://a/b'", "http://a/b" },
        { "[DayOfWeek]::Monday", "Monday" }, { "(1, 2)", null }, { "@()", null }, { "@{ a = 1 }", null }, { "{ a }", null },
        { "[Security.SecureString]::new()", null }, { "[pscustomobject]@{ a = 1 }", null },
        { "[byte[]](1, 2)", null },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_hashtable_value_is_converted_to_a_string_or_rejected(string value, string? text)
    {
        var given = Assert.Single(Shell.Run($"@{{ x = {value} }}").Good<Hashtable>());
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new("") { NumberFormat = { NumberDecimalSeparator = "," } };
            if (text is not null)
                Assert.Equal(text, ((IDictionary)new HashtableTextAttribute().Transform(null!, given))["x"] ?? "");
            else
                Assert.Contains("The value of 'x' has the type ", Assert.Throws<ArgumentTransformationMetadataException>(() =>
                    new HashtableTextAttribute().Transform(null!, given)).Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Theory]
    [InlineData("New-KlConfigMap m @{ list = 1, 2 }")]
    [InlineData("New-KlSecret m @{ list = 1, 2 }")]
    [InlineData("New-KlDeployment web nginx -Environment @{ list = 1, 2 }")]
    [InlineData("New-KlDeployment web nginx -Secret @{ list = 1, 2 }")]
    [InlineData("Set-KlDeployment web -Environment @{ list = 1, 2 }")]
    [InlineData("Set-KlNode n -Label @{ list = 1, 2 }")]
    [InlineData("Set-KlNode n -Annotation @{ list = 1, 2 }")]
    public void A_list_as_a_value_is_rejected_before_any_request(string script) =>
        Assert.Contains("The value of 'list' has the type Object[], which has no unique string form.", Assert.Single(Shell.Run(script).Errors).ToString(),
            StringComparison.Ordinal);

    private static async Task<FakeApi> ServerAsync() => (await FakeApi.StartAsync())
        .On("GET /apis", FakeApi.Json("""{"groups":[]}"""), FakeApi.Json("""{"groups":[]}""")).On("GET /api/v1", FakeApi.Json(Core), FakeApi.Json(Core))
        .On("GET /api/v1/nodes", FakeApi.Json("""{"metadata":{},"items":[]}"""));
}
