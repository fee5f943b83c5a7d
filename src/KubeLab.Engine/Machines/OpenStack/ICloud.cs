using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The provider's requests to a cloud. Every call sends one request, except lists of several pages. Errors are <see cref="KlException"/> with the
/// service's own message.</summary>
internal interface ICloud
{
    /// <summary>The name in clouds.yaml.</summary>
    string Name { get; }

    /// <summary>Lists all resources of a kind. Neutron's resources are limited to the project, because an administrator sees those of all projects. Shared
    /// networks and images are included.</summary>
    Task<IReadOnlyList<T>> ListAsync<T>(CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>Creates a resource.</summary>
    Task<T> CreateAsync<T>(JsonObject resource, CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>Updates a resource.</summary>
    Task<T> UpdateAsync<T>(string id, JsonObject changes, CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>Deletes a resource. False if it does not exist.</summary>
    Task<bool> DeleteAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>Creates several Neutron resources with one request: all or none.</summary>
    Task<IReadOnlyList<T>> CreateManyAsync<T>(IReadOnlyList<JsonObject> resources, CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>The IDs of servers in the state BUILD. Nova needs no other service for this list; for details, it queries Neutron, too.</summary>
    Task<IReadOnlyList<string>> BuildingAsync(CancellationToken stop);

    /// <summary>The servers in the state ACTIVE or ERROR that have changed since a time, with details. Null: all of them.</summary>
    Task<IReadOnlyList<Server>> ChangedAsync(DateTimeOffset? since, CancellationToken stop);

    /// <summary>A server with the fault that put it into the state ERROR, or null if it does not exist. Nova's lists contain the faults of one cell
    /// only.</summary>
    Task<Server?> ServerAsync(string id, CancellationToken stop);

    /// <summary>Creates a server with optional scheduler hints, and returns its ID. The next list includes it.</summary>
    Task<string> CreateServerAsync(JsonObject server, JsonObject? hints, CancellationToken stop);

    /// <summary>Performs a server action, for example os-stop.</summary>
    Task ActAsync(string server, string action, JsonObject? parameters, CancellationToken stop);

    /// <summary>Performs add_router_interface or remove_router_interface.</summary>
    Task RouteAsync(string router, string action, JsonObject what, CancellationToken stop);

    /// <summary>The services in use and the versions of their APIs.</summary>
    Task<IReadOnlyList<(string Type, string? Version)>> ServicesAsync(CancellationToken stop);

    /// <summary>The project's limits and usage in Nova.</summary>
    Task<ComputeLimits> LimitsAsync(CancellationToken stop);

    /// <summary>The project's limits and usage in Cinder. Null if the cloud has no volume service.</summary>
    Task<VolumeLimits?> VolumeLimitsAsync(CancellationToken stop);

    /// <summary>The project's quotas in Neutron by name, for example floatingip. Empty if the cloud does not report them.</summary>
    Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop);
}
