using System.Text.Json;
using System.Xml.Linq;
using KubeLab.Pipeline;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;
using Microsoft.AspNetCore.Http;

namespace KubeLab.Tests.Pipeline;

public sealed class ScreenTests
{
    private const string Evil = "\e]52;c;AA==\a\e[2J\u009b31m\u202e";
    private const string Shown = "^[]52;c;AA==^G^[[2J<U+009B>31m<U+202E>";
    private static readonly string[] Harm = ["\e]52", "\e[2J", "\u009b", "\u202e"];

    [Fact]
    public async Task A_terminal_shows_control_characters_without_interpreting_them()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using var fake = await ServeAsync();
        using var folder = new Folder();
        var config = Path.Combine(folder.Path, "config");
        await File.WriteAllTextAsync(config, Kubectl.Config(fake.Url));

        var shown = await ShellProcess.AtTerminalAsync($$"""
            $f = '{{folder.Path}}'
            Get-KlPod; Get-KlPod | Format-List; Get-KlPod | Format-Table
            'events'; Get-KlEvent; Get-KlEvent | Format-List
            'log'; Get-KlLog web; Get-KlLog web | Format-List; Get-KlLog web | Format-Table -View Time
            'errors'; Get-KlPod -Namespace denied; Get-KlPod "no`e[2Jname"; "$($Error[0])"; "$($Error[0].CategoryInfo)"
            'objects'; Get-KlPod | Export-Clixml $f/pods.xml; Import-Clixml $f/pods.xml; Import-Clixml $f/pods.xml | Format-List
            'files'; Get-KlPod > $f/redirected; Get-KlPod | Format-List | Out-File $f/listed; & { Get-KlLog web } > $f/log;
            Get-KlLog web | Set-Content $f/lines; (Get-KlPod).Status | Set-Content $f/status
            'end'
            """, new Dictionary<string, string?> { ["KUBECONFIG"] = config });

        Assert.Contains("end", shown, StringComparison.Ordinal);
        Assert.All(Harm, one => Assert.DoesNotContain(one, shown, StringComparison.Ordinal));
        foreach (var part in new[] { "events", "log", "errors", "objects", "files" }.Prepend("")
            .Zip(["events", "log", "errors", "objects", "files"], (from, to) => Between(shown, from, to)))
            Assert.Contains("^[", part, StringComparison.Ordinal);
        Assert.Contains(Shown, Between(shown, "log", "errors"), StringComparison.Ordinal);
        Assert.Contains("\e[1;31mred", Between(shown, "log", "errors"), StringComparison.Ordinal);
        foreach (var file in new[] { "redirected", "listed", "log", "lines", "status" })
            Assert.Contains("\e]52;c;AA==\a", await File.ReadAllTextAsync(Path.Combine(folder.Path, file)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_in_a_file_is_unchanged()
    {
        await using var fake = await ServeAsync();
        using var folder = new Folder();
        var config = Path.Combine(folder.Path, "config");
        await File.WriteAllTextAsync(config, Kubectl.Config(fake.Url));

        var result = await ShellProcess.RunAsync("-Command", $"$env:KUBECONFIG = '{config}'; Import-Module ./KubeLab.psd1; Get-KlPod");

        Assert.Contains("\e]52;c;AA==\a", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Debug_shows_debug_messages_without_prompting()
    {
        using var folder = new Folder();
        var config = Path.Combine(folder.Path, "config");
        await File.WriteAllTextAsync(config, Kubectl.Config("https://127.0.0.1:1", ", \"insecure-skip-tls-verify\": true"));

        var result = await ShellProcess.RunAsync("-NonInteractive", "-Command",
            $"$env:KUBECONFIG = '{config}'; Import-Module ./KubeLab.psd1; New-KlNamespace x -Debug 3>&1 2>&1 | ForEach-Object {{ $_.GetType().Name }}; "
                + "'after'");

        Assert.Equal("WarningRecord ErrorRecord after", string.Join(' ', result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [InlineData("it's; Remove-Item ~", "'it''s; Remove-Item ~'")]
    [InlineData("$(calc)", "'$(calc)'")]
    [InlineData("-Force", "'-Force'")]
    [InlineData("a b", "'a b'")]
    [InlineData("web-0.x", "web-0.x")]
    [InlineData("a\e[2J", null)]
    [InlineData("a\nb", null)]
    [InlineData("", null)]
    public void Completed_names_are_quoted(string name, string? typed) =>
        Assert.Equal(typed is null ? [] : [typed], Completions.Of([name], "").Select(one => one.CompletionText));

    [Fact]
    public void All_views_show_printable_text()
    {
        var views = XDocument.Load(Path.Combine(Repository.Root, "Module", "KubeLab.Format.ps1xml")).Descendants("View").ToList();

        Assert.Empty(views.Descendants("PropertyName").Select(one => one.Value));
        Assert.All(views.Descendants("ScriptBlock"), block =>
            Assert.Contains(["[KubeLab.Pipeline.Screen]::", ".ToString(", "{ '*' }"], part => block.Value.Contains(part, StringComparison.Ordinal)));
        var listed = views.Where(view => view.Element("ListControl") is not null).Descendants("TypeName").Select(type => type.Value);
        Assert.Empty(views.Descendants("TypeName").Select(type => type.Value).Where(type => !type.EndsWith("#Watched", StringComparison.Ordinal))
            .Except(listed));
    }

    private static string Between(string shown, string from, string to) =>
        shown.Split('\n').SkipWhile(line => from.Length > 0 && line.Trim() != from).TakeWhile(line => line.Trim() != to) is var lines
            ? string.Join('\n', lines) : "";

    private static async Task<FakeApi> ServeAsync()
    {
        var evil = JsonSerializer.Serialize(Evil);
        var pod = $$"""{"metadata":{"name":"web","namespace":"default","uid":"u","labels":{"a":{{evil}} } },"spec":{"nodeName":{{evil}},"containers":["""
            + $$"""{"name":"c","image":{{evil}} }]},"status":{"phase":{{evil}} } }""";
        var fake = await FakeApi.StartAsync();
        return fake.On("GET /api/v1/namespaces/default/pods", Always(FakeApi.Json($$"""{"metadata":{},"items":[{{pod}}]}""")))
            .On("GET /api/v1/namespaces/default/pods/web", Always(FakeApi.Json(pod)))
            .On("GET /api/v1/namespaces/default/pods/web/log",
                Always(context => context.Response.WriteAsync($"2026-01-01T00:00:00.0Z {Evil}\n2026-01-01T00:00:01.0Z \e[1;31mred\n")))
            .On("GET /api/v1/namespaces/denied/pods", Always(FakeApi.Status(403, "Forbidden",
                Evil.Replace("\e", "\\u001b", StringComparison.Ordinal).Replace("\a", "\\u0007", StringComparison.Ordinal))))
            .On("GET /api/v1/namespaces/default/events", Always(FakeApi.Json($$"""
                {"metadata":{},"items":[{"metadata":{"name":"e","namespace":"default"},
                  "involvedObject":{"kind":"Pod","name":"web","namespace":"default","uid":"u"},
                 "type":"Warning","reason":{{evil}},"message":{{evil}},"count":1,"lastTimestamp":"2026-01-01T00:00:00Z","source":{"component":"kubelet"} }]}
                """)));
    }

    private static RequestDelegate[] Always(RequestDelegate answer) => [.. Enumerable.Repeat(answer, 50)];
}
