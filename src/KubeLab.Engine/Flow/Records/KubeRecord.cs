namespace KubeLab;

/// <summary>Reads the complete object of an output object.</summary>
public static class KubeRecord
{
    /// <summary>The complete object from the API server, or null.</summary>
    public static object? ObjectOf(object? record) => (record as IKubeRecord)?.Object;

    /// <summary>The complete object as JSON, or null.</summary>
    public static string? JsonOf(object? record) => (record as IKubeRecord)?.Json;
}
