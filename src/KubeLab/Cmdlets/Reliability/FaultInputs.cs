using System.Management.Automation;
using KubeLab.Engine.Reliability.Faults;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Reads the targets of faults from the pipeline.</summary>
internal static class FaultInputs
{
    /// <summary>A machine, an object with the properties Kind and Name, or KIND/NAME; null for anything else.</summary>
    public static FaultInput? Of(PSObject given, string? ns, string? cluster) => given.BaseObject switch
    {
        Machine machine => new(machine, "", machine.Name, null, null),
        string text => text.Split('/') is [{ Length: > 0 } kind, { Length: > 0 } name] ? new(null, Singular(kind), name, ns, cluster) : null,
        _ when Text(given, "Kind") is { } kind && Text(given, "Name") is { } name => new(null, kind, name, Text(given, "Namespace"), Text(given, "Cluster")),
        _ => null,
    };

    // The other kinds are resolved by the API server.
    private static string Singular(string kind) => kind.ToLowerInvariant() switch
    {
        "no" or "node" or "nodes" => "Node",
        "po" or "pod" or "pods" => "Pod",
        _ => kind,
    };

    private static string? Text(PSObject given, string name) =>
        given.Properties[name]?.Value switch { PSObject wrapped => wrapped.BaseObject as string, var value => value as string };
}
