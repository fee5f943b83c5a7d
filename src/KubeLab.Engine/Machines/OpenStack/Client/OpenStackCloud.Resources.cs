using System.Runtime.CompilerServices;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Operations on resources. Errors are those of <see cref="OpenStackService"/>.</summary>
public sealed partial class OpenStackCloud
{
    /// <summary>Lists all resources of a kind that the project can see, with details.</summary>
    public IAsyncEnumerable<T> ListAsync<T>(CancellationToken stop)
        where T : ICloudResource => ListAsync<T>($"", stop);

    /// <summary>Lists the resources that match a query.</summary>
    /// <param name="query">For example $"name={name}&amp;tags={tag}". The values are escaped.</param>
    /// <param name="stop">Cancels the operation.</param>
    public IAsyncEnumerable<T> ListAsync<T>(FormattableString query, CancellationToken stop)
        where T : ICloudResource =>
        Of(T.Kind).ListAsync<T>(Join(T.Kind.Path + T.Kind.Details + (query.Format.Length > 0 ? "?" : ""), query), T.Kind.Many, stop);

    /// <summary>Gets a resource by ID.</summary>
    public Task<T> GetAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource => Of(T.Kind).GetAsync<T>(Join(T.Kind.Path + "/", $"{id}"), T.Kind.One, stop);

    /// <summary>Gets a resource by ID. Null if it does not exist.</summary>
    public Task<T?> FindAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource => Of(T.Kind).FindAsync<T>(Join(T.Kind.Path + "/", $"{id}"), T.Kind.One, stop);

    /// <summary>Creates a resource.</summary>
    /// <param name="body">The properties with the API's names. Null values are sent as null.</param>
    /// <param name="stop">Cancels the operation.</param>
    public Task<T> CreateAsync<T>(object body, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).PostAsync<T>(Join(T.Kind.Path, $""), T.Kind.One, body, stop);

    /// <summary>Creates a server, optionally in a server group.</summary>
    /// <param name="body">The properties with the API's names.</param>
    /// <param name="group">The ID of the server group, or null.</param>
    /// <param name="stop">Cancels the operation.</param>
    public Task<Server> CreateServerAsync(object body, string? group, CancellationToken stop) => Compute.PostAsync<Server>($"servers", "server", body,
        group is null ? new() : new Dictionary<string, object> { ["os:scheduler_hints"] = new { group } }, stop);

    /// <summary>Creates several Neutron resources with one request: all or none.</summary>
    public Task<IReadOnlyList<T>> CreateManyAsync<T>(IReadOnlyList<object> bodies, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).PostAsync<IReadOnlyList<T>>(Join(T.Kind.Path, $""), T.Kind.Many, bodies, stop);

    /// <summary>Updates properties of a resource.</summary>
    public Task<T> UpdateAsync<T>(string id, object body, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).PutAsync<T>(Join(T.Kind.Path + "/", $"{id}"), T.Kind.One, body, stop);

    /// <summary>Deletes a resource.</summary>
    /// <returns>False if it does not exist.</returns>
    public Task<bool> DeleteAsync<T>(string id, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).DeleteAsync(Join(T.Kind.Path + "/", $"{id}"), stop);

    /// <summary>Deletes a resource after other resources have stopped using it.</summary>
    /// <param name="id">The ID.</param>
    /// <param name="timeout">How long it may be in use.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>False if it does not exist.</returns>
    public Task<bool> DeleteAsync<T>(string id, TimeSpan timeout, CancellationToken stop)
        where T : ICloudResource => WhileBusyAsync(token => DeleteAsync<T>(id, token), timeout, stop);

    /// <summary>Performs a server action, for example $"os-stop" with null.</summary>
    public Task ActAsync(string server, string action, object? parameters, CancellationToken stop) =>
        Compute.PostAsync($"servers/{server}/action", new Dictionary<string, object?> { [action] = parameters }, stop);

    /// <summary>The project's limits and usage in Nova.</summary>
    public async Task<ComputeLimits> LimitsAsync(CancellationToken stop) =>
        (await Compute.GetAsync<AllLimits>($"limits", "limits", stop)).Absolute;

    /// <summary>The project's quotas and usage in Neutron by name: port, floatingip, network, router, security_group, ...</summary>
    public Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop) =>
        Network.GetAsync<IReadOnlyDictionary<string, NetworkQuota>>($"quotas/{ProjectId}/details", "quota", stop);

    /// <summary>The project's limits and usage in Cinder. Null if the cloud has no Cinder.</summary>
    public async Task<VolumeLimits?> VolumeLimitsAsync(CancellationToken stop) =>
        Volume is null ? null : (await Volume.GetAsync<AllVolumeLimits>($"limits", "limits", stop)).Absolute;

    private OpenStackService Of(ResourceKind kind) => kind.Service switch
    {
        "compute" => Compute,
        "network" => Network,
        "image" => Image,
        _ => Volume ?? throw new KlException(ErrorIds.CloudServiceNotFound, KlErrorKind.NotFound, Config.Name,
            $"{Config.Name}: the cloud has no volume service (Cinder).", "Omit -BootVolumeGB."),
    };

    // The path is constant and needs no escaping. The service escapes the caller's values.
    private static FormattableString Join(string path, FormattableString rest) => FormattableStringFactory.Create(path + rest.Format, rest.GetArguments());

    private sealed record AllLimits(ComputeLimits Absolute);

    private sealed record AllVolumeLimits(VolumeLimits Absolute);
}
