using System.Management.Automation;
using System.Reflection;
using KubeLab.Pipeline;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

/// <summary>PublicApi.txt lists the public API: cmdlets with parameters, output records with properties, and ErrorIds.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_API_equals_PublicApi_txt()
    {
        var path = Path.Combine(Repository.Root, "tests", "KubeLab.Tests", "PublicApi.txt");
        var actual = string.Join('\n', [.. Cmdlets(), .. Records(), .. Errors()]) + "\n";
        if (actual == File.ReadAllText(path))
            return;
        var received = Path.Combine(Directory.CreateDirectory(Path.Combine(Repository.Root, "TestResults")).FullName, "PublicApi.txt");
        File.WriteAllText(received, actual);
        Assert.Fail($"The public API has changed. To see the changes: diff {path} {received}\n"
            + $"If they are intended: cp {received} {path}, and describe the change in CHANGELOG.md.");
    }

    private static IEnumerable<(CmdletAttribute Cmdlet, Type Type)> Types =>
        from type in typeof(KlCmdlet).Assembly.GetExportedTypes()
        let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
        where cmdlet is not null
        orderby cmdlet.NounName, cmdlet.VerbName
        select (cmdlet, type);

    private static IEnumerable<string> Cmdlets() => Types.SelectMany(one => (IEnumerable<string>)
    [
        $"{one.Cmdlet.VerbName}-{one.Cmdlet.NounName} -> {string.Join(", ", Outputs(one.Type).Select(output => output.Name).Distinct())}",
        .. new CmdletInfo($"{one.Cmdlet.VerbName}-{one.Cmdlet.NounName}", one.Type).Parameters.Values
            .Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))
            .OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
            .Select(parameter =>
                $"  -{string.Join('|', parameter.Aliases.Order(StringComparer.Ordinal).Prepend(parameter.Name))} {Name(parameter.ParameterType)}"),
    ]);

    private static IEnumerable<string> Records() =>
        Types.SelectMany(one => Outputs(one.Type)).Select(output => output.Type)
            .Where(type => type.Namespace == nameof(KubeLab)).Distinct().OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(type => (IEnumerable<string>)
            [
                $"[{type.FullName}]",
                .. type.GetProperties().OrderBy(property => property.Name, StringComparer.Ordinal)
                    .Select(property => $"  {property.Name} {Name(property.PropertyType)}"),
            ]);

    private static IEnumerable<PSTypeName> Outputs(Type cmdlet) =>
        cmdlet.GetCustomAttributes<OutputTypeAttribute>().SelectMany(output => output.Type);

    private static IEnumerable<string> Errors() =>
        ["ErrorIds", .. typeof(ErrorIds).GetFields().Select(field => $"  {field.GetValue(null)}").Order(StringComparer.Ordinal)];

    private static string Name(Type type) => type.IsArray ? Name(type.GetElementType()!) + "[]"
        : type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
