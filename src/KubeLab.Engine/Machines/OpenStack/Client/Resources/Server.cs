using System.Text.Json.Serialization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A server (Compute API, "Show Server Details").</summary>
public sealed record Server : ICloudResource
{
    /// <inheritdoc/>
    public static ResourceKind Kind { get; } = new("compute", "servers", "server", "servers") { Details = "/detail" };

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The name, which is not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>ACTIVE, BUILD, ERROR, SHUTOFF, ...; empty in the response to its creation.</summary>
    public string Status { get; init; } = "";

    /// <summary>The pending task, for example spawning.</summary>
    [JsonPropertyName("OS-EXT-STS:task_state")]
    public string? TaskState { get; init; }

    /// <summary>The availability zone.</summary>
    [JsonPropertyName("OS-EXT-AZ:availability_zone")]
    public string? AvailabilityZone { get; init; }

    /// <summary>The creation time.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The time of the last change in Nova.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>The reason of the state ERROR.</summary>
    public ServerFault? Fault { get; init; }

    /// <summary>The flavor: an ID before 2.47, its properties since.</summary>
    public ServerFlavor? Flavor { get; init; }

    /// <summary>The image's ID. Null if the server boots from a volume.</summary>
    [JsonConverter(typeof(ImageReference))]
    public string? Image { get; init; }

    /// <summary>The key pair's name.</summary>
    public string? KeyName { get; init; }

    /// <summary>The metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The tags (2.26).</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The addresses by network name. Nova receives changes with a delay; Neutron has them immediately.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ServerAddress>> Addresses { get; init; } = new Dictionary<string, IReadOnlyList<ServerAddress>>();

    /// <summary>The attached volumes.</summary>
    [JsonPropertyName("os-extended-volumes:volumes_attached")]
    public IReadOnlyList<ResourceReference> Volumes { get; init; } = [];

    /// <summary>The IDs of the server groups (2.71).</summary>
    public IReadOnlyList<string> ServerGroups { get; init; } = [];
}

/// <summary>The reason of a server's state ERROR.</summary>
/// <param name="Code">An HTTP status code.</param>
/// <param name="Message">The message.</param>
/// <param name="Details">Details for administrators.</param>
public sealed record ServerFault(int Code, string Message, string? Details = null);

/// <summary>The flavor in a server.</summary>
/// <param name="Id">The ID, before 2.47.</param>
/// <param name="OriginalName">The name at the server's creation, since 2.47.</param>
/// <param name="Vcpus">Cores.</param>
/// <param name="Ram">Memory in MiB.</param>
/// <param name="Disk">Disk in GiB.</param>
public sealed record ServerFlavor(string? Id = null, string? OriginalName = null, int Vcpus = 0, int Ram = 0, int Disk = 0);

/// <summary>An address of a server.</summary>
/// <param name="Addr">The address.</param>
/// <param name="Version">4 or 6.</param>
/// <param name="Type">fixed or floating.</param>
public sealed record ServerAddress(string Addr, int Version, [property: JsonPropertyName("OS-EXT-IPS:type")] string? Type = null);

/// <summary>A reference to another resource.</summary>
/// <param name="Id">The ID.</param>
public sealed record ResourceReference(string Id);
