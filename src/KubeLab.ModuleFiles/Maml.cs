using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using KubeLab.Pipeline.Queries;

namespace KubeLab.ModuleFiles;

/// <summary>Creates the help file for Get-Help (MAML, as platyPS writes it).</summary>
internal static class Maml
{
    private static readonly XNamespace Items = "http://msh";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Creates the help of all cmdlets in an assembly.</summary>
    public static XDocument Of(Assembly assembly, XmlDocs docs, IReadOnlyDictionary<string, string> kubectl) => new(new XElement(Items + "helpItems",
        new XAttribute("schema", "maml"),
        from type in assembly.GetExportedTypes()
        let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
        where cmdlet is not null
        orderby cmdlet.NounName, cmdlet.VerbName
        select Of(cmdlet, type, docs, kubectl)));

    private static XElement Of(CmdletAttribute cmdlet, Type type, XmlDocs docs, IReadOnlyDictionary<string, string> kubectl)
    {
        var info = new CmdletInfo($"{cmdlet.VerbName}-{cmdlet.NounName}", type);
        var defaults = Activator.CreateInstance(type);
        XElement Describe(CommandParameterInfo parameter) => Parameter(parameter, type.GetProperty(parameter.Name), defaults, docs);
        var sets = info.ParameterSets.Select(set => (set.Name, Parameters: set.Parameters.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))
            .OrderBy(IsOfPowerShell).ThenBy(parameter => parameter.Position < 0).ThenBy(parameter => parameter.Position)
            .ThenByDescending(parameter => parameter.IsMandatory).ToList())).ToList();
        var all = sets.SelectMany(set => set.Parameters).DistinctBy(parameter => parameter.Name).ToList();
        (defaults as IDisposable)?.Dispose();
        return new(Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Text), new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(Command + "details",
                new XElement(Command + "name", info.Name),
                Paragraphs("description", docs.Of(type, "summary")),
                new XElement(Command + "verb", cmdlet.VerbName),
                new XElement(Command + "noun", cmdlet.NounName)),
            Paragraphs("description", [.. docs.Of(type, "remarks") is { Count: > 0 } remarks ? remarks : docs.Of(type, "summary"),
                .. kubectl.TryGetValue(info.Name, out var commands) ? [commands] : Array.Empty<string>()]),
            new XElement(Command + "syntax", sets.Select(set =>
                new XElement(Command + "syntaxItem", new XElement(Text + "name", info.Name), set.Parameters.Select(Describe)))),
            new XElement(Command + "parameters", all.Select(Describe)),
            Types("inputTypes", "inputType", all.Where(parameter => parameter.ValueFromPipeline).Select(parameter => parameter.ParameterType)),
            Types("returnValues", "returnValue", info.OutputType.Select(output => output.Type)),
            new XElement(Command + "examples", docs.Examples(type).Select((example, i) => new XElement(Command + "example",
                new XElement(Text + "title", $"Example {i + 1}"),
                new XElement(Dev + "code", example.Code),
                new XElement(Dev + "remarks", new XElement(Text + "para", example.Text))))));
    }

    private static bool IsOfPowerShell(CommandParameterInfo parameter) => Cmdlet.OptionalCommonParameters.Contains(parameter.Name);

    private static XElement Parameter(CommandParameterInfo parameter, PropertyInfo? property, object? defaults, XmlDocs docs) => new(Command + "parameter",
        new XAttribute("required", parameter.IsMandatory),
        new XAttribute("variableLength", parameter.ParameterType.IsArray),
        new XAttribute("globbing", property?.IsDefined(typeof(SupportsWildcardsAttribute)) ?? false),
        new XAttribute("pipelineInput", PipelineInput(parameter)),
        new XAttribute("position", parameter.Position < 0 ? "named" : parameter.Position.ToString(CultureInfo.InvariantCulture)),
        new XAttribute("aliases", string.Join(", ", parameter.Aliases)),
        new XElement(Text + "name", parameter.Name),
        Paragraphs("description", property is not null
            ? [.. docs.Of(property), .. property.IsDefined(typeof(SecondsAttribute)) ? [SecondsAttribute.Help] : Array.Empty<string>()]
            : [parameter.Name == "WhatIf" ? "Shows what would happen if the cmdlet runs. The cmdlet is not run."
                : "Prompts you for confirmation before each change."]),
        parameter.ParameterType == typeof(SwitchParameter) ? null
            : new XElement(Command + "parameterValue", new XAttribute("required", true), new XAttribute("variableLength", parameter.ParameterType.IsArray),
                Name(parameter.ParameterType)),
        new XElement(Dev + "type", new XElement(Text + "name", Name(parameter.ParameterType))),
        new XElement(Dev + "defaultValue", Default(property?.GetValue(defaults))));

    private static string PipelineInput(CommandParameterInfo parameter) => (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    private static string Default(object? value) => value switch
    {
        null or SwitchParameter or "" or Array { Length: 0 } => "None",
        Array many => string.Join(", ", many.Cast<object>()),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? inner.Name : type.Name;

    private static XElement Types(string list, string item, IEnumerable<Type> types) => new(Command + list,
        types.Distinct().Select(type => new XElement(Command + item, new XElement(Dev + "type", new XElement(Text + "name", type.FullName)))));

    private static XElement Paragraphs(string name, IEnumerable<string> paragraphs) =>
        new(Text + name, paragraphs.Select(paragraph => new XElement(Text + "para", paragraph)));
}
