using System.Management.Automation;

namespace KubeLab.Pipeline;

/// <summary>The hidden properties of output objects, for the module's type data.</summary>
public static class CompleteObject
{
    /// <summary>The complete object from the API server.</summary>
    public static object? Of(PSObject? record) => KubeRecord.ObjectOf(record?.BaseObject);

    /// <summary>The complete object as JSON.</summary>
    public static string? Json(PSObject? record) => KubeRecord.JsonOf(record?.BaseObject);
}
