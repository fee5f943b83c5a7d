namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Where resources of one kind stand in their API.</summary>
/// <param name="Service">The type of the service.</param>
/// <param name="Path">As in servers.</param>
/// <param name="One">The name that wraps one, as in server; empty where nothing does.</param>
/// <param name="Many">The name that wraps a list, as in servers.</param>
public sealed record ResourceKind(string Service, string Path, string One, string Many)
{
    /// <summary>Behind the path where the list with all details is, as in /detail.</summary>
    public string Details { get; init; } = "";
}

/// <summary>A resource that the API lists, shows, makes and removes in the usual way.</summary>
public interface ICloudResource
{
    /// <summary>Where its kind stands.</summary>
    static abstract ResourceKind Kind { get; }

    /// <summary>What its address ends in.</summary>
    string Id { get; }
}
