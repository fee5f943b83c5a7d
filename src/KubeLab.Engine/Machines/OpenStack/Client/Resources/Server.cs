using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A server (Compute API, "Show Server Details").</summary>
public sealed record Server : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("compute", "servers", "server", "servers") { Details = "/detail" };

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Its name; not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>ACTIVE, BUILD, ERROR, SHUTOFF, ...; empty in the answer to its creation.</summary>
    public string Status { get; init; } = "";

    /// <summary>What is being done with it, as in spawning.</summary>
    [JsonPropertyName("OS-EXT-STS:task_state")]
    public string? TaskState { get; init; }

    /// <summary>Its availability zone.</summary>
    [JsonPropertyName("OS-EXT-AZ:availability_zone")]
    public string? AvailabilityZone { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>When Nova last changed something about it.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>Why it is in ERROR.</summary>
    public ServerFault? Fault { get; init; }

    /// <summary>Its flavor: an id before 2.47, its measures since.</summary>
    public ServerFlavor? Flavor { get; init; }

    /// <summary>Its image; null where it boots from a volume.</summary>
    [JsonConverter(typeof(ImageReference))]
    public string? Image { get; init; }

    /// <summary>Its key pair.</summary>
    public string? KeyName { get; init; }

    /// <summary>What was noted at it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Its tags (2.26).</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Its addresses by network name. Nova learns of changes with delay; Neutron knows them at once.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ServerAddress>> Addresses { get; init; } = new Dictionary<string, IReadOnlyList<ServerAddress>>();

    /// <summary>Its volumes.</summary>
    [JsonPropertyName("os-extended-volumes:volumes_attached")]
    public IReadOnlyList<ResourceReference> Volumes { get; init; } = [];

    /// <summary>Its server groups (2.71).</summary>
    public IReadOnlyList<string> ServerGroups { get; init; } = [];
}

/// <summary>Why a server is in ERROR.</summary>
/// <param name="Code">An HTTP status code.</param>
/// <param name="Message">What happened.</param>
/// <param name="Details">More, for administrators.</param>
public sealed record ServerFault(int Code, string Message, string? Details = null);

/// <summary>The flavor within a server.</summary>
/// <param name="Id">Its id, before 2.47.</param>
/// <param name="OriginalName">Its name when the server was made, since 2.47.</param>
/// <param name="Vcpus">Cores.</param>
/// <param name="Ram">Memory in MiB.</param>
/// <param name="Disk">Disk in GiB.</param>
public sealed record ServerFlavor(string? Id = null, string? OriginalName = null, int Vcpus = 0, int Ram = 0, int Disk = 0);

/// <summary>An address of a server.</summary>
/// <param name="Addr">The address.</param>
/// <param name="Version">4 or 6.</param>
/// <param name="Type">fixed or floating.</param>
public sealed record ServerAddress(string Addr, int Version, [property: JsonPropertyName("OS-EXT-IPS:type")] string? Type = null);

/// <summary>Another resource.</summary>
/// <param name="Id">Its id.</param>
public sealed record ResourceReference(string Id);
