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
            records.SelectMany(type => (XElement[])[Record(type.FullName!, type.GetProperties()),
                Record("Deserialized." + type.FullName, type.GetProperties())]),
            records.Select(type => type.GetProperty("Object")?.PropertyType).Where(type => type?.Namespace == "k8s.Models").Distinct().Select(Listed)));
    }

    private static XElement Record(string name, PropertyInfo[] properties)
    {
        var shown = properties.Where(IsShown).ToList();
        return Type(name,
            shown.Where(HoldsText).Select(property => new XElement("ScriptProperty", new XAttribute("IsHidden", true), Name(property.Name + Twin),
                new XElement("GetScriptBlock", Printable(property)))),
            new XElement("MemberSet", Name("PSStandardMembers"), new XElement("Members",
                Set("DefaultDisplayPropertySet", shown.Select(property => HoldsText(property) ? property.Name + Twin : property.Name)),
                Note("SerializationMethod", "SpecificProperties"),
                Note("InheritPropertySerializationSet", false),
                Set("PropertySerializationSet", properties.Select(property => property.Name)))));
    }

    // Hides the complete object and, for records of a single kind, the kind and the change of a watch.
    private static bool IsShown(PropertyInfo property) => property.Name is not ("Object" or "Json")
        && !(property.Name is "Kind" or "Change" && property.DeclaringType!.GetProperty("Kind") is { CanWrite: false });

    // Numbers, times and Booleans contain no untrusted text.
    private static bool HoldsText(PropertyInfo property) => !property.PropertyType.IsValueType;

    // The comma prevents PowerShell from unwrapping an array with one element.
    private static string Printable(PropertyInfo property) =>
        $"{(property.PropertyType.IsArray ? "," : "")}[KubeLab.Pipeline.Screen]::{(property.Name == "Line" ? "Log" : "Text")}($this.{property.Name})";

    // As a property value, an object is shown by its name instead of all its fields.
    private static XElement Listed(Type? type) => Type(type!.FullName!,
        new XElement("ScriptMethod", Name("ToString"), new XElement("Script", "\"$($this.Kind)/$($this.Metadata.Name)\"")));

    private static XElement Type(string name, params object[] members) => new("Type", Name(name), new XElement("Members", members));

    private static XElement Set(string name, IEnumerable<string> properties) =>
        new("PropertySet", Name(name), new XElement("ReferencedProperties", properties.Select(Name)));

    private static XElement Note(string name, object value) => new("NoteProperty", Name(name), new XElement("Value", value));

    private static XElement Name(string name) => new("Name", name);
}
