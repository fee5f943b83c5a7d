using System.Management.Automation;

namespace KubeLab.Pipeline.Queries;

/// <summary>What came down the pipeline: a cluster, a machine, text, or an object that names itself by its properties, also one that another session or a file had.</summary>
/// <param name="Kind">The kind, where it is known.</param>
/// <param name="Name">The name, where it is one object.</param>
/// <param name="Cluster">The name of a cluster, where it is one.</param>
internal sealed record PipelineInput(string? Kind, string? Name, string? Cluster)
{
    public static PipelineInput Of(PSObject? given) => given?.BaseObject switch
    {
        null => new(null, null, null),
        _ when Is<KlCluster>(given) => new(null, null, Text(given, "Name")),
        // A node is called as its machine.
        _ when Is<Machine>(given) => new("Node", Text(given, "Name"), null),
        string text when text.Split('/') is [var kind, var name] => new(kind, name, null),
        string name => new(null, name, null),
        _ => new(Text(given, "Kind"), Text(given, "Name"), null),
    };

    // A value that itself came down a pipeline is wrapped.
    private static string? Text(PSObject given, string name) => given.Properties[name]?.Value switch { PSObject wrapped => wrapped.BaseObject as string, var value => value as string };

    private static bool Is<T>(PSObject given) => given.TypeNames.Any(name => name == typeof(T).FullName || name == "Deserialized." + typeof(T).FullName);

    /// <summary>KIND/NAME.</summary>
    public override string ToString() => $"{Kind}/{Name}";

    /// <summary>Whether it is an object of a kind, or of none that is known.</summary>
    public bool IsA(string kind) => Name is not null && (Kind is null || string.Equals(Kind, kind, StringComparison.OrdinalIgnoreCase));
}
