using System.Collections;
using System.Management.Automation;
using System.Reflection;
using KubeLab.Engine;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Pipeline;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Pipeline;

/// <summary>Calls every cmdlet with strings that are not valid names.</summary>
public sealed class InvalidInputTests
{
    // They start an interactive session or the local ssh command.
    private static readonly string[] NotRun = ["Enter-KlPod", "Connect-KlVm"];
    private static readonly string[] TextParameters =
        ["Name", "Namespace", "Cluster", "Path", "Kind", "Container", "Label", "Field", "Lab", "For", "InputObject"];
    private static readonly string[] InvalidPaths = ["", " ", ".", "..", "../secrets/x", "/", "//", "%2e%2e", "a%2fb", "a\nb"];
    private static readonly string[] Unusual = [.. InvalidPaths, "web[", "a?b#c", "\u00fc\u2603", "a,b=c", "$(1)", "a'b", "\e[2J", new('a', 10_000)];

    public static TheoryData<string> Cmdlets => [.. Commands.Select(one => $"{one.Cmdlet.VerbName}-{one.Cmdlet.NounName}").Except(NotRun).Order()];

    private static IEnumerable<(CmdletAttribute Cmdlet, Type Type)> Commands =>
        from type in typeof(KlCmdlet).Assembly.GetExportedTypes()
        let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
        where cmdlet is not null
        select (cmdlet, type);

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public async Task Unusual_input_is_a_clear_error_without_changes(string cmdlet)
    {
        await using var fake = await FakeApi.StartAsync();
        using var folder = new Folder();
        var docker = new FakeEngine();
        var engine = new LabEngine(FakeHosts.Up(), [new DockerProvider(docker, FakeHosts.Up(), new(folder.Path, TimeProvider.System), TimeProvider.System)],
            TimeProvider.System)
        { Docker = docker };
        var config = Path.Combine(folder.Path, "config");
        await File.WriteAllTextAsync(config, Kubectl.Config(fake.Url));
        var lines = Lines(Commands.Single(one => $"{one.Cmdlet.VerbName}-{one.Cmdlet.NounName}" == cmdlet).Type, cmdlet).ToList();

        var body = string.Concat(lines.Select(line => $"try {{ {line} }} catch {{ Write-Error -ErrorRecord $_ }}\n"));
        var result = Shell.Run($"$was = $env:KUBECONFIG; $env:KUBECONFIG = $config; try {{ foreach ($text in $texts) {{ {body} }} }}"
            + " finally { $env:KUBECONFIG = $was }",
            engine, new Dictionary<string, object?> { ["config"] = config, ["texts"] = Unusual.Append(null).ToArray() });

        Assert.Null(result.Ended);
        Assert.DoesNotContain(result.Errors, error => error.ToString().Contains("unexpectedly", StringComparison.Ordinal)
            || error.Exception is NullReferenceException or UriFormatException);
        Assert.All(fake.Seen.Where(one => !one.StartsWith("GET ", StringComparison.Ordinal) && !one.Contains("selfsubject", StringComparison.Ordinal)),
            one => Assert.DoesNotContain(InvalidPaths.Where(name => name.Length > 2), name => one.Contains(name, StringComparison.Ordinal)));
        Assert.DoesNotContain(fake.Seen, one => one.StartsWith("DELETE /api/v1/namespaces/default", StringComparison.Ordinal)
            && one.Split('?')[0].Trim('/').Split('/').Length < 5);
        Assert.DoesNotContain(fake.Seen, one => one.Contains("/secrets/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_cannot_be_confirmed_is_an_error_and_is_not_made()
    {
        using var folder = new Folder();
        var config = Path.Combine(folder.Path, "config");
        const string Text = """
            contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
            users: [{name: u, user: {}}]
            current-context: a
            """;
        await File.WriteAllTextAsync(config, Text);

        var end = await ShellProcess.RunAsync(
            "-NonInteractive", "-Command", $"$env:KUBECONFIG = '{config}'; Import-Module ./KubeLab.psd1; Select-KlCluster b -Confirm");

        Assert.Equal(1, end.Code);
        Assert.Contains("NonInteractive", end.Error, StringComparison.Ordinal);
        Assert.Equal(Text, await File.ReadAllTextAsync(config));
    }

    // One command for each string parameter of each parameter set, with the other mandatory parameters.
    private static IEnumerable<string> Lines(Type type, string cmdlet)
    {
        var parameters = (from property in type.GetProperties()
                          from parameter in property.GetCustomAttributes<ParameterAttribute>()
                          select (property, parameter)).ToList();
        foreach (var set in parameters.Select(one => one.parameter.ParameterSetName).Distinct())
        {
            var here = parameters.Where(one => one.parameter.ParameterSetName == set || one.parameter.ParameterSetName == ParameterAttribute.AllParameterSets)
                .ToList();
            var needed = here.Where(one => one.parameter.Mandatory).Select(one => (one.property, Value: Sample(one.property.PropertyType))).ToList();
            if (needed.Exists(one => one.Value is null))
                continue;
            foreach (var (text, _) in here.Where(one => TextParameters.Contains(one.property.Name)
                && (one.property.PropertyType == typeof(PSObject) || Sample(one.property.PropertyType) == "'x'")))
                yield return $"{cmdlet} -{text.Name} $text"
                    + string.Concat(needed.Where(one => one.property.Name != text.Name).Select(one => $" -{one.property.Name}:{one.Value}"))
                    + (here.Exists(one => one.property.Name == "Timeout") ? " -Timeout 1" : "")
                    + (type.GetCustomAttribute<CmdletAttribute>()!.SupportsShouldProcess ? " -Confirm:$false" : "");
        }
    }

    private static string? Sample(Type type) =>
        type == typeof(string) || type == typeof(string[]) || type == typeof(object) ? "'x'"
        : type == typeof(int) || type == typeof(int[]) ? "1"
        : type == typeof(SwitchParameter) ? "$true"
        : typeof(IDictionary).IsAssignableFrom(type) ? "@{ a = 'b' }" : null;
}
