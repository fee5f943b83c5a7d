using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>What the provider asks of a cloud. Every call is one request, but for lists of several pages. Errors are <see cref="KlException"/> with the service's own words.</summary>
internal interface ICloud
{
    /// <summary>Its name in clouds.yaml.</summary>
    string Name { get; }

    /// <summary>All resources of a kind. Of Neutron's the project's own, for an administrator is shown those of all; networks and images also where they are shared.</summary>
    Task<IReadOnlyList<T>> ListAsync<T>(CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>Makes a resource.</summary>
    Task<T> CreateAsync<T>(JsonObject resource, CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>Changes one.</summary>
    Task<T> UpdateAsync<T>(string id, JsonObject changes, CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>Removes one; false where it was not there.</summary>
    Task<bool> DeleteAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>Makes several of Neutron's with one request: all or none.</summary>
    Task<IReadOnlyList<T>> CreateManyAsync<T>(IReadOnlyList<JsonObject> resources, CancellationToken stop)
        where T : class, ICloudResource;

    /// <summary>The ids of servers that are being built. A list that Nova makes of its own knowledge alone: for one with details it asks Neutron, too.</summary>
    Task<IReadOnlyList<string>> BuildingAsync(CancellationToken stop);

    /// <summary>The servers that are ACTIVE or in ERROR and have changed since a time, with details; null: whenever they have.</summary>
    Task<IReadOnlyList<Server>> ChangedAsync(DateTimeOffset? since, CancellationToken stop);

    /// <summary>Makes a server, which the next list shows; hints stand beside it. Its id.</summary>
    Task<string> CreateServerAsync(JsonObject server, JsonObject? hints, CancellationToken stop);

    /// <summary>Has a server do something, as os-stop.</summary>
    Task ActAsync(string server, string action, JsonObject? parameters, CancellationToken stop);

    /// <summary>add_router_interface or remove_router_interface.</summary>
    Task RouteAsync(string router, string action, JsonObject what, CancellationToken stop);

    /// <summary>What the project may have of Nova.</summary>
    Task<ComputeLimits> LimitsAsync(CancellationToken stop);

    /// <summary>What the project may have of Cinder; null where the cloud has no volumes.</summary>
    Task<VolumeLimits?> VolumeLimitsAsync(CancellationToken stop);

    /// <summary>What the project may have of Neutron, by name as in floatingip; empty where the cloud does not say.</summary>
    Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop);
}
