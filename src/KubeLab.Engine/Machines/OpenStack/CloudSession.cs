using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>A cloud that one is logged in to, as the provider sees it.</summary>
#pragma warning disable CA1001 // It lives as long as the login that it belongs to.
internal sealed class CloudSession : ICloud
#pragma warning restore CA1001
{
    // More at once only wait for each other in the cloud's own API servers.
    private const int AtOnce = 16;

    private static readonly ConditionalWeakTable<OpenStackCloud, CloudSession> All = [];
    private readonly OpenStackCloud _cloud;
    private readonly SemaphoreSlim _turns = new(AtOnce);

    private CloudSession(OpenStackCloud cloud) => _cloud = cloud;

    /// <summary>The one session of a cloud.</summary>
    public static CloudSession Of(OpenStackCloud cloud) => All.GetValue(cloud, one => new(one));

    public string Name => _cloud.Config.Name;

    public Task<IReadOnlyList<T>> ListAsync<T>(CancellationToken stop)
        where T : class, ICloudResource => TurnAsync<IReadOnlyList<T>>(async () =>
            await (T.Kind.Service == "network" && typeof(T) != typeof(Network) ? _cloud.ListAsync<T>($"project_id={_cloud.ProjectId}", stop) : _cloud.ListAsync<T>(stop)).ToListAsync(stop), stop);

    public Task<T> CreateAsync<T>(JsonObject resource, CancellationToken stop)
        where T : class, ICloudResource => TurnAsync(() => _cloud.CreateAsync<T>(resource, stop), stop);

    public Task<T> UpdateAsync<T>(string id, JsonObject changes, CancellationToken stop)
        where T : class, ICloudResource => TurnAsync(() => _cloud.UpdateAsync<T>(id, changes, stop), stop);

    public Task<bool> DeleteAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource => TurnAsync(() => _cloud.DeleteAsync<T>(id, stop), stop);

    public Task CreateRulesAsync(IReadOnlyList<JsonObject> rules, CancellationToken stop) =>
        TurnAsync(() => _cloud.CreateManyAsync<SecurityGroupRule>(rules, stop), stop);

    public Task CreateServerAsync(JsonObject server, JsonObject? hints, CancellationToken stop)
    {
        var body = new JsonObject { ["server"] = server };
        if (hints is not null)
            body["os:scheduler_hints"] = hints;
        return TurnAsync(() => _cloud.Compute.PostAsync($"servers", body, stop), stop);
    }

    public Task ActAsync(string server, string action, JsonObject? parameters, CancellationToken stop) =>
        TurnAsync(() => _cloud.ActAsync(server, action, parameters, stop), stop);

    public Task RouteAsync(string router, string action, JsonObject what, CancellationToken stop) =>
        TurnAsync(() => _cloud.Network.PutAsync($"routers/{router}/{action}", what, stop), stop);

    public Task<ComputeLimits> LimitsAsync(CancellationToken stop) => TurnAsync(() => _cloud.LimitsAsync(stop), stop);

    public async Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop)
    {
        try
        {
            return await TurnAsync(() => _cloud.NetworkQuotasAsync(stop), stop);
        }
        // An extension of Neutron that not every cloud has; what is short shows later then.
        catch (KlException error) when (error.Answer() is { Code: 403 or 404 })
        {
            return new Dictionary<string, NetworkQuota>();
        }
    }

    private Task<bool> TurnAsync(Func<Task> send, CancellationToken stop) =>
        TurnAsync(async () =>
        {
            await send();
            return true;
        }, stop);

    private async Task<T> TurnAsync<T>(Func<Task<T>> send, CancellationToken stop)
    {
        await _turns.WaitAsync(stop);
        try
        {
            return await send();
        }
        finally
        {
            _turns.Release();
        }
    }
}
