using System.Runtime.CompilerServices;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Resources of the usual kinds. Errors are those of <see cref="OpenStackService"/>.</summary>
public sealed partial class OpenStackCloud
{
    /// <summary>All resources of a kind that the project sees, with details.</summary>
    public IAsyncEnumerable<T> ListAsync<T>(CancellationToken stop)
        where T : ICloudResource => ListAsync<T>($"", stop);

    /// <summary>Those that a query selects.</summary>
    /// <param name="query">As in $"name={name}&amp;tags={tag}"; what is put in is escaped.</param>
    /// <param name="stop">Ends it.</param>
    public IAsyncEnumerable<T> ListAsync<T>(FormattableString query, CancellationToken stop)
        where T : ICloudResource =>
        Of(T.Kind).ListAsync<T>(Join(T.Kind.Path + T.Kind.Details + (query.Format.Length > 0 ? "?" : ""), query), T.Kind.Many, stop);

    /// <summary>One by its id.</summary>
    public Task<T> GetAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource => Of(T.Kind).GetAsync<T>(Join(T.Kind.Path + "/", $"{id}"), T.Kind.One, stop);

    /// <summary>One by its id, or null where there is none.</summary>
    public Task<T?> FindAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource => Of(T.Kind).FindAsync<T>(Join(T.Kind.Path + "/", $"{id}"), T.Kind.One, stop);

    /// <summary>Makes one.</summary>
    /// <param name="body">Its properties as the API names them; null is sent as null.</param>
    /// <param name="stop">Ends it.</param>
    public Task<T> CreateAsync<T>(object body, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).PostAsync<T>(Join(T.Kind.Path, $""), T.Kind.One, body, stop);

    /// <summary>Makes a server, in a server group where one is given.</summary>
    /// <param name="body">Its properties as the API names them.</param>
    /// <param name="group">The server group's id.</param>
    /// <param name="stop">Ends it.</param>
    public Task<Server> CreateServerAsync(object body, string? group, CancellationToken stop) => Compute.PostAsync<Server>($"servers", "server", body,
        group is null ? new() : new Dictionary<string, object> { ["os:scheduler_hints"] = new { group } }, stop);

    /// <summary>Makes many of Neutron's at once: all or none.</summary>
    public Task<IReadOnlyList<T>> CreateManyAsync<T>(IReadOnlyList<object> bodies, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).PostAsync<IReadOnlyList<T>>(Join(T.Kind.Path, $""), T.Kind.Many, bodies, stop);

    /// <summary>Changes some properties of one.</summary>
    public Task<T> UpdateAsync<T>(string id, object body, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).PutAsync<T>(Join(T.Kind.Path + "/", $"{id}"), T.Kind.One, body, stop);

    /// <summary>Sets the tags of one of Neutron's.</summary>
    public Task TagAsync<T>(string id, IReadOnlyList<string> tags, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).PutAsync(Join(T.Kind.Path + "/", $"{id}/tags"), new Dictionary<string, object> { ["tags"] = tags }, stop);

    /// <summary>Removes one.</summary>
    /// <returns>False where there was none.</returns>
    public Task<bool> DeleteAsync<T>(string id, CancellationToken stop)
        where T : ICloudResource => Of(T.Kind).DeleteAsync(Join(T.Kind.Path + "/", $"{id}"), stop);

    /// <summary>Removes one as soon as nothing uses it any more.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="patience">How long it may be in use.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>False where there was none.</returns>
    public Task<bool> DeleteAsync<T>(string id, TimeSpan patience, CancellationToken stop)
        where T : ICloudResource => WhileBusyAsync(token => DeleteAsync<T>(id, token), patience, stop);

    /// <summary>Has a server do something, as in $"os-stop" with null.</summary>
    public Task ActAsync(string server, string action, object? parameters, CancellationToken stop) =>
        Compute.PostAsync($"servers/{server}/action", new Dictionary<string, object?> { [action] = parameters }, stop);

    /// <summary>What the project may have of Nova and what it has.</summary>
    public async Task<ComputeLimits> LimitsAsync(CancellationToken stop) =>
        (await Compute.GetAsync<AllLimits>($"limits", "limits", stop)).Absolute;

    /// <summary>What the project may have of Neutron and what it has, by name: port, floatingip, network, router, security_group, ...</summary>
    public Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop) =>
        Network.GetAsync<IReadOnlyDictionary<string, NetworkQuota>>($"quotas/{ProjectId}/details", "quota", stop);

    /// <summary>What the project may have of Cinder and what it has; null where the cloud has no Cinder.</summary>
    public async Task<VolumeLimits?> VolumeLimitsAsync(CancellationToken stop) =>
        Volume is null ? null : (await Volume.GetAsync<AllVolumeLimits>($"limits", "limits", stop)).Absolute;

    private OpenStackService Of(ResourceKind kind) => kind.Service switch
    {
        "compute" => Compute,
        "network" => Network,
        "image" => Image,
        _ => Volume ?? throw new KlException(ErrorIds.ServiceMissing, KlErrorKind.NotFound, Config.Name, $"{Config.Name}: the cloud has no volumes (Cinder).", "Leave -BootVolumeGB out."),
    };

    // The path is ours and has nothing to escape; what the caller put in is escaped by the service.
    private static FormattableString Join(string path, FormattableString rest) => FormattableStringFactory.Create(path + rest.Format, rest.GetArguments());

    private sealed record AllLimits(ComputeLimits Absolute);

    private sealed record AllVolumeLimits(VolumeLimits Absolute);
}
