using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The provider's access to a cloud with a login.</summary>
#pragma warning disable CA1001 // It lives as long as its login.
internal sealed class CloudSession : ICloud
#pragma warning restore CA1001
{
    // The cloud's API servers would only queue further requests.
    private const int MaxRequests = 16;

    // After Ctrl+C, a running change is completed. Otherwise, a resource could appear after the cleanup has listed them.
    private static readonly TimeSpan CompletionTime = TimeSpan.FromSeconds(20);

    private static readonly ConditionalWeakTable<OpenStackCloud, CloudSession> All = [];
    private readonly OpenStackCloud _cloud;
    private readonly SemaphoreSlim _turns = new(MaxRequests);

    private CloudSession(OpenStackCloud cloud) => _cloud = cloud;

    /// <summary>The shared session of a cloud.</summary>
    public static CloudSession Of(OpenStackCloud cloud) => All.GetValue(cloud, one => new(one));

    public string Name => _cloud.Config.Name;

    public Task<IReadOnlyList<T>> ListAsync<T>(CancellationToken stop)
        where T : class, ICloudResource => TurnAsync<IReadOnlyList<T>>(async () =>
            await (T.Kind.Service == "network" && typeof(T) != typeof(Network) ? _cloud.ListAsync<T>($"project_id={_cloud.ProjectId}", stop)
                : _cloud.ListAsync<T>(stop)).ToListAsync(stop), stop);

    public Task<T> CreateAsync<T>(JsonObject resource, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(async token =>
        {
            // Since microversion 2.64, server groups have one policy.
            if (typeof(T) == typeof(ServerGroup) && resource["policy"] is { } policy && !await _cloud.Compute.SupportsAsync(new(2, 64), token))
                (resource["policies"], _) = (new JsonArray(policy.DeepClone()), resource.Remove("policy"));
            return await _cloud.CreateAsync<T>(resource, token);
        }, stop);

    public Task<IReadOnlyList<T>> CreateManyAsync<T>(IReadOnlyList<JsonObject> resources, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(token => _cloud.CreateManyAsync<T>(resources, token), stop);

    public Task<T> UpdateAsync<T>(string id, JsonObject changes, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(token => _cloud.UpdateAsync<T>(id, changes, token), stop);

    public Task<bool> DeleteAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(token => _cloud.DeleteAsync<T>(id, token), stop);

    public Task<IReadOnlyList<string>> BuildingAsync(CancellationToken stop) => TurnAsync<IReadOnlyList<string>>(async () =>
        await _cloud.Compute.ListAsync<ResourceReference>($"servers?status=BUILD", "servers", stop).Select(one => one.Id).ToListAsync(stop), stop);

    public Task<IReadOnlyList<Server>> ChangedAsync(DateTimeOffset? since, CancellationToken stop) => TurnAsync<IReadOnlyList<Server>>(async () =>
        await (since is { } time
            ? _cloud.ListAsync<Server>($"status=ACTIVE&status=ERROR&changes-since={time.UtcDateTime.ToString("s", CultureInfo.InvariantCulture)}Z", stop)
            : _cloud.ListAsync<Server>($"status=ACTIVE&status=ERROR", stop)).ToListAsync(stop), stop);

    public Task<Server?> ServerAsync(string id, CancellationToken stop) => TurnAsync(() => _cloud.FindAsync<Server>(id, stop), stop);

    public Task<string> CreateServerAsync(JsonObject server, JsonObject? hints, CancellationToken stop) => ChangeAsync(async token =>
        (await _cloud.Compute.PostAsync<ResourceReference>($"servers", "server", server,
            hints is null ? new Dictionary<string, object>() : new() { ["os:scheduler_hints"] = hints }, token)).Id, stop);

    public Task ActAsync(string server, string action, JsonObject? parameters, CancellationToken stop) =>
        ChangeAsync(token => _cloud.ActAsync(server, action, parameters, token), stop);

    public Task RouteAsync(string router, string action, JsonObject what, CancellationToken stop) =>
        ChangeAsync(token => _cloud.Network.PutAsync($"routers/{router}/{action}", what, token), stop);

    public Task<ComputeLimits> LimitsAsync(CancellationToken stop) => TurnAsync(() => _cloud.LimitsAsync(stop), stop);

    public async Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop)
    {
        try
        {
            return await TurnAsync(() => _cloud.NetworkQuotasAsync(stop), stop);
        }
        // Some clouds lack this extension of Neutron. A shortage is then reported later.
        catch (KlException error) when (error.Answer() is { Code: 403 or 404 })
        {
            return new Dictionary<string, NetworkQuota>();
        }
    }

    public Task<IReadOnlyList<(string Type, string? Version)>> ServicesAsync(CancellationToken stop) => TurnAsync(() => _cloud.ServicesAsync(stop), stop);

    public Task<VolumeLimits?> VolumeLimitsAsync(CancellationToken stop) => TurnAsync(() => _cloud.VolumeLimitsAsync(stop), stop);

    private Task<bool> ChangeAsync(Func<CancellationToken, Task> send, CancellationToken stop) =>
        ChangeAsync(async token =>
        {
            await send(token);
            return true;
        }, stop);

    private Task<T> ChangeAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken stop) =>
        TurnAsync(async () =>
        {
            stop.ThrowIfCancellationRequested();
            await using var grace = new GracePeriod(CompletionTime, _cloud.Clock, stop);
            return await send(grace.Token);
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
