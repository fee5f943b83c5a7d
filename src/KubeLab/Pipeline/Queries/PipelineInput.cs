using System.Management.Automation;

namespace KubeLab.Pipeline.Queries;

/// <summary>Pipeline input: a cluster, a machine, a string, or an object that is identified by its properties, including deserialized objects.</summary>
/// <param name="Kind">The kind, if known.</param>
/// <param name="Name">The name, for a single object.</param>
/// <param name="Cluster">The name of the cluster, for a cluster.</param>
internal sealed record PipelineInput(string? Kind, string? Name, string? Cluster)
{
    public static PipelineInput Of(PSObject? given) => given?.BaseObject switch
    {
        null => new(null, null, null),
        _ when Is<KlCluster>(given) => new(null, null, Text(given, "Name")),
        // A node has the name of its machine.
        _ when Is<Machine>(given) => new("Node", Text(given, "Name"), null),
        string text when text.Split('/') is [var kind, var name] => new(kind, name, null),
        string name => new(null, name, null),
        _ => new(Text(given, "Kind"), Text(given, "Name"), null),
    };

    // PowerShell wraps a value that itself came from a pipeline.
    private static string? Text(PSObject given, string name) =>
        given.Properties[name]?.Value switch { PSObject wrapped => wrapped.BaseObject as string, var value => value as string };

    private static bool Is<T>(PSObject given) => given.TypeNames.Any(name => name == typeof(T).FullName || name == "Deserialized." + typeof(T).FullName);

    /// <summary>KIND/NAME.</summary>
    public override string ToString() => $"{Kind}/{Name}";

    /// <summary>Whether the input is an object of this kind or of unknown kind.</summary>
    public bool IsA(string kind) => Name is not null && (Kind is null || string.Equals(Kind, kind, StringComparison.OrdinalIgnoreCase));
}
