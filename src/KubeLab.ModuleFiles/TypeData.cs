using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;

namespace KubeLab.ModuleFiles;

/// <summary>Creates the type data of the cmdlets' output objects (about_Types.ps1xml).</summary>
/// <remarks>PowerShell shows an object that follows one of another type without its view, by the properties of its DefaultDisplayPropertySet. These are
/// hidden copies of its properties with printable values. Their names end with an invisible character, because names must be unique. Serialization writes
/// the object's own properties and the members that a user added.</remarks>
internal static class TypeData
{
    private const char Twin = '\u200c';

    /// <summary>Creates the type data of all output records in an assembly, live and deserialized.</summary>
    public static XDocument Of(Assembly assembly)
    {
        var records = assembly.GetExportedTypes().SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>()).SelectMany(output => output.Type)
            .Select(output => output.Type)
            .Where(type => type.Namespace?.StartsWith("KubeLab", StringComparison.Ordinal) == true).Distinct()
            .OrderBy(type => type.FullName, StringComparer.Ordinal).ToList();
        return new(new XElement("Types",
            records.SelectMany(type => (XElement[])[Record(type.FullName!, type, Hidden(type)), Record("Deserialized." + type.FullName, type, [])]),
            records.Select(type => Complete(type, "Object")?.PropertyType).Where(type => type?.Namespace == "k8s.Models").Distinct().Select(Listed)));
    }

    private static XElement Record(string name, Type type, IEnumerable<XElement> hidden)
    {
        var properties = type.GetProperties();
        var shown = properties.Where(IsShown).ToList();
        return Type(name,
            hidden,
            shown.Where(HoldsText).Select(property => HiddenProperty(property.Name + Twin, Printable(property))),
            new XElement("MemberSet", Name("PSStandardMembers"), new XElement("Members",
                Set("DefaultDisplayPropertySet", shown.Select(property => HoldsText(property) ? property.Name + Twin : property.Name)),
                Note("SerializationMethod", "SpecificProperties"),
                Note("InheritPropertySerializationSet", false),
                // The complete object is too deep for serialization, but its JSON is text.
                Set("PropertySerializationSet", properties.Append(Complete(type, "Json")).OfType<PropertyInfo>().Select(property => property.Name)))));
    }

    // The complete object, as hidden properties: exports write all visible ones.
    private static IEnumerable<XElement> Hidden(Type type)
    {
        if (Complete(type, "Object") is not null)
            yield return HiddenProperty("Object", "[KubeLab.Pipeline.CompleteObject]::Of($this)");
        if (Complete(type, "Json") is not null)
            yield return HiddenProperty("Json", "[KubeLab.Pipeline.CompleteObject]::Json($this)");
    }

    private static PropertyInfo? Complete(Type type, string name) => type.GetProperty(name, BindingFlags.Instance | BindingFlags.NonPublic);

    private static XElement HiddenProperty(string name, string script) =>
        new("ScriptProperty", new XAttribute("IsHidden", true), Name(name), new XElement("GetScriptBlock", script));

    // Does not show, for records of a single kind, the kind and the change of a watch.
    private static bool IsShown(PropertyInfo property) =>
        !(property.Name is "Kind" or "Change" && property.DeclaringType!.GetProperty("Kind") is { CanWrite: false });

    // Numbers, times and Booleans contain no untrusted text.
    private static bool HoldsText(PropertyInfo property) => !property.PropertyType.IsValueType;

    // The comma prevents PowerShell from unwrapping a list with one element.
    private static string Printable(PropertyInfo property) =>
        $"{(IsList(property.PropertyType) ? "," : "")}[KubeLab.Pipeline.Screen]::{(property.Name == "Line" ? "Log" : "Text")}($this.{property.Name})";

    private static bool IsList(Type type) => type.IsArray || type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KlCollection<>);

    // As a property value, an object is shown by its name instead of all its fields.
    private static XElement Listed(Type? type) => Type(type!.FullName!,
        new XElement("ScriptMethod", Name("ToString"), new XElement("Script", "\"$($this.Kind)/$($this.Metadata.Name)\"")));

    private static XElement Type(string name, params object[] members) => new("Type", Name(name), new XElement("Members", members));

    private static XElement Set(string name, IEnumerable<string> properties) =>
        new("PropertySet", Name(name), new XElement("ReferencedProperties", properties.Select(Name)));

    private static XElement Note(string name, object value) => new("NoteProperty", Name(name), new XElement("Value", value));

    private static XElement Name(string name) => new("Name", name);
}
