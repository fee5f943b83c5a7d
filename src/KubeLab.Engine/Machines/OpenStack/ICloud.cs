using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
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

    /// <summary>Makes several rules of a security group at once.</summary>
    Task CreateRulesAsync(IReadOnlyList<JsonObject> rules, CancellationToken stop);

    /// <summary>Makes a server, which the next list shows; hints stand beside it.</summary>
    Task CreateServerAsync(JsonObject server, JsonObject? hints, CancellationToken stop);

    /// <summary>Has a server do something, as os-stop.</summary>
    Task ActAsync(string server, string action, JsonObject? parameters, CancellationToken stop);

    /// <summary>add_router_interface or remove_router_interface.</summary>
    Task RouteAsync(string router, string action, JsonObject what, CancellationToken stop);

    /// <summary>What the project may have of Nova.</summary>
    Task<ComputeLimits> LimitsAsync(CancellationToken stop);

    /// <summary>What the project may have of Neutron, by name as in floatingip; empty where the cloud does not say.</summary>
    Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop);
}
