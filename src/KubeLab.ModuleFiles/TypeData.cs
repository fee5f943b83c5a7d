using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;

namespace KubeLab.ModuleFiles;

/// <summary>What PowerShell's type system is told of the objects that cmdlets write (about_Types.ps1xml).</summary>
/// <remarks>An object that follows one of another type is shown by no view, but by the properties of its DefaultDisplayPropertySet. These are hidden twins of its own
/// properties, fit for a terminal. An invisible character ends their names, because a type has a name only once. What is written to a file or to another process is the
/// object's own properties, and what a user added to it.</remarks>
internal static class TypeData
{
    private const char Twin = '\u200c';

    /// <summary>The types of every record that a cmdlet of an assembly writes, live and read back from a file.</summary>
    public static XDocument Of(Assembly assembly)
    {
        var records = assembly.GetExportedTypes().SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>()).SelectMany(output => output.Type).Select(output => output.Type)
            .Where(type => type.Namespace?.StartsWith("KubeLab", StringComparison.Ordinal) == true).Distinct().OrderBy(type => type.FullName, StringComparer.Ordinal).ToList();
        return new(new XElement("Types",
            records.SelectMany(type => (XElement[])[Record(type.FullName!, type.GetProperties()), Record("Deserialized." + type.FullName, type.GetProperties())]),
            records.Select(type => type.GetProperty("Object")?.PropertyType).Where(type => type?.Namespace == "k8s.Models").Distinct().Select(Listed)));
    }

    private static XElement Record(string name, PropertyInfo[] properties)
    {
        var shown = properties.Where(IsShown).ToList();
        return Type(name,
            shown.Where(HoldsText).Select(property => new XElement("ScriptProperty", new XAttribute("IsHidden", true), Name(property.Name + Twin), new XElement("GetScriptBlock", Printable(property)))),
            new XElement("MemberSet", Name("PSStandardMembers"), new XElement("Members",
                Set("DefaultDisplayPropertySet", shown.Select(property => HoldsText(property) ? property.Name + Twin : property.Name)),
                Note("SerializationMethod", "SpecificProperties"),
                Note("InheritPropertySerializationSet", false),
                Set("PropertySerializationSet", properties.Select(property => property.Name)))));
    }

    // Not what the API server sent in full; nor, where all objects are of one kind, the kind and what a watch saw.
    private static bool IsShown(PropertyInfo property) => property.Name is not ("Object" or "Json")
        && !(property.Name is "Kind" or "Change" && property.DeclaringType!.GetProperty("Kind") is { CanWrite: false });

    // A number, a time or a switch holds nothing that others wrote.
    private static bool HoldsText(PropertyInfo property) => !property.PropertyType.IsValueType;

    // A comma keeps an array of one an array.
    private static string Printable(PropertyInfo property) =>
        $"{(property.PropertyType.IsArray ? "," : "")}[KubeLab.Pipeline.Screen]::{(property.Name == "Line" ? "Log" : "Text")}($this.{property.Name})";

    // Listed among other properties an object is its name, not all its fields.
    private static XElement Listed(Type? type) => Type(type!.FullName!,
        new XElement("ScriptMethod", Name("ToString"), new XElement("Script", "\"$($this.Kind)/$($this.Metadata.Name)\"")));

    private static XElement Type(string name, params object[] members) => new("Type", Name(name), new XElement("Members", members));

    private static XElement Set(string name, IEnumerable<string> properties) => new("PropertySet", Name(name), new XElement("ReferencedProperties", properties.Select(Name)));

    private static XElement Note(string name, object value) => new("NoteProperty", Name(name), new XElement("Value", value));

    private static XElement Name(string name) => new("Name", name);
}
