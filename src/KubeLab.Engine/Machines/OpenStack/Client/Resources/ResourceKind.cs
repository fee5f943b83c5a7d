namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A kind of resource in an API.</summary>
/// <param name="Service">The service type.</param>
/// <param name="Path">For example servers.</param>
/// <param name="One">The key of a single resource, for example server. Empty: none.</param>
/// <param name="Many">The key of a list, for example servers.</param>
public sealed record ResourceKind(string Service, string Path, string One, string Many)
{
    /// <summary>The path suffix of the detailed list, for example /detail.</summary>
    public string Details { get; init; } = "";
}

/// <summary>A resource that the API can list, show, create and delete.</summary>
public interface ICloudResource
{
    /// <summary>The kind.</summary>
    static abstract ResourceKind Kind { get; }

    /// <summary>The last segment of its URL.</summary>
    string Id { get; }
}
