using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace KubeLab.ModuleFiles;

/// <summary>An example of a cmdlet.</summary>
/// <param name="Code">The command.</param>
/// <param name="Text">The description.</param>
internal sealed record Example(string Code, string Text);

/// <summary>Reads the documentation comments of an assembly as plain text.</summary>
/// <remarks>ECMA-334 annex D: "T:Type" and "P:Type.Property" identify members.</remarks>
internal sealed partial class XmlDocs(XDocument file)
{
    private readonly Dictionary<string, XElement> _members = file.Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>Returns the paragraphs of a section of a type's comment.</summary>
    public IReadOnlyList<string> Of(Type type, string section) => Paragraphs(_members.GetValueOrDefault("T:" + type.FullName)?.Element(section));

    /// <summary>Returns the summary of a property, which may be declared in a base class.</summary>
    public IReadOnlyList<string> Of(PropertyInfo property) =>
        Paragraphs(_members.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}")?.Element("summary"));

    /// <summary>Returns the examples of a type.</summary>
    public IReadOnlyList<Example> Examples(Type type) =>
        [.. (_members.GetValueOrDefault("T:" + type.FullName)?.Elements("example") ?? []).Select(example =>
            new Example(Dedent(example.Element("code")?.Value ?? ""), Text(example.Nodes().Where(node => node is not XElement { Name.LocalName: "code" }))))];

    private static string[] Paragraphs(XElement? section) => section is null ? []
        : [.. (section.Elements("para").Any() ? section.Elements("para").Select(para => Text(para.Nodes())) : [Text(section.Nodes())])
            .Where(text => text.Length > 0)];

    private static string Text(IEnumerable<XNode> nodes) => Space().Replace(string.Concat(nodes.Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "seealso" or "paramref" } reference => reference.Value is { Length: > 0 } shown ? shown
            : reference.Attributes().First().Value.Split('.', ':')[^1],
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };

    private static string Dedent(string code)
    {
        var lines = code.ReplaceLineEndings("\n").Trim('\n').TrimEnd().Split('\n');
        var margin = lines.Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length > margin ? line[margin..] : ""));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
