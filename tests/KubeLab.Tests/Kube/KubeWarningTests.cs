using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Tests.Kube;

public sealed class KubeWarningTests
{
    [Theory]
    [InlineData("299 - \"v1 ComponentStatus is deprecated in v1.19+\"", "v1 ComponentStatus is deprecated in v1.19+")]
    [InlineData("299 - \"one\", 299 - \"two\"", "one|two")]
    [InlineData("299 - \"one\",299 kube-apiserver \"two, or \\\"three\\\" and \\\\\" \"Sat, 25 Aug 2012 23:34:45 GMT\", 299 - \"four\"",
        "one|two, or \"three\" and \\|four")]
    [InlineData("199 - \"misc\", 299 - \"one\"", "one")]
    [InlineData("  299 agent \"\\a\\b\"  ", "ab")]
    [InlineData("299 - \"=?utf-8?B?R3LDvMOfZQ==?=\"", "Grüße")]
    [InlineData("299 - \"=?utf-8?q?a=20b_c?=\"", "a b c")]
    [InlineData("299 - \"Grüße\"", "Grüße")]
    [InlineData("299 - unquoted", "")]
    [InlineData("299 - \"open", "")]
    [InlineData("299 \"no agent\"", "")]
    [InlineData("29 - \"x\"", "")]
    [InlineData("299 - \"one\" x, 299 - \"two\"", "")]
    [InlineData("299 - \"one\", nonsense, 299 - \"two\"", "one")]
    [InlineData("299 - \"\u001b[2J\"", "")]
    [InlineData("299 - \"\"", "")]
    [InlineData("", "")]
    public void Warnings_are_parsed_like_kubectl_does(string header, string texts) => Assert.Equal(texts, string.Join('|', KubeWarning.Read([header])));

    [Fact]
    public async Task A_warning_of_the_server_is_reported_once()
    {
        await using var fake = await FakeApi.StartAsync();
        Microsoft.AspNetCore.Http.RequestDelegate warn = context =>
        {
            context.Response.Headers.Warning = new(["299 - \"old\", 299 - \"older\"", "299 - \"odd\""]);
            return FakeApi.Json("""{"metadata":{"name":"n"}}""")(context);
        };
        fake.On("GET /api/v1/nodes/n", warn, warn);
        var events = new Images.Events();
        LabEvents.Current = events;
        using var api = fake.Open();
        await api.FindAsync<k8s.Models.V1Node>("n", null, default);
        await api.FindAsync<k8s.Models.V1Node>("n", null, default);
        Assert.Equal(["old", "older", "odd"], events.Seen.Where(one => one.Kind == LabEventKind.Warning).Select(one => one.Message));
    }
}
