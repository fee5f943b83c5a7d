using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack;

/// <summary>A cloud that does what it is asked until the n-th change, as for a process that is killed then.</summary>
internal sealed class DyingCloud(ICloud cloud, int dieAt) : ICloud
{
    private int _changes;

    public string Name => cloud.Name;

    public Task<IReadOnlyList<T>> ListAsync<T>(CancellationToken stop)
        where T : class, ICloudResource => cloud.ListAsync<T>(stop);

    public Task<T> CreateAsync<T>(JsonObject resource, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(() => cloud.CreateAsync<T>(resource, stop));

    public Task<T> UpdateAsync<T>(string id, JsonObject changes, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(() => cloud.UpdateAsync<T>(id, changes, stop));

    public Task<bool> DeleteAsync<T>(string id, CancellationToken stop)
        where T : class, ICloudResource => ChangeAsync(() => cloud.DeleteAsync<T>(id, stop));

    public Task CreateRulesAsync(IReadOnlyList<JsonObject> rules, CancellationToken stop) => ChangeAsync(() => TrueAsync(cloud.CreateRulesAsync(rules, stop)));

    public Task CreateServerAsync(JsonObject server, JsonObject? hints, CancellationToken stop) => ChangeAsync(() => TrueAsync(cloud.CreateServerAsync(server, hints, stop)));

    public Task ActAsync(string server, string action, JsonObject? parameters, CancellationToken stop) => ChangeAsync(() => TrueAsync(cloud.ActAsync(server, action, parameters, stop)));

    public Task RouteAsync(string router, string action, JsonObject what, CancellationToken stop) => ChangeAsync(() => TrueAsync(cloud.RouteAsync(router, action, what, stop)));

    public Task<ComputeLimits> LimitsAsync(CancellationToken stop) => cloud.LimitsAsync(stop);

    public Task<IReadOnlyDictionary<string, NetworkQuota>> NetworkQuotasAsync(CancellationToken stop) => cloud.NetworkQuotasAsync(stop);

    /// <summary>The last change happens, and nobody hears of it.</summary>
    private async Task<T> ChangeAsync<T>(Func<Task<T>> change)
    {
        var n = Interlocked.Increment(ref _changes);
        if (n > dieAt)
            throw new TimeoutException("killed");
        var result = await change();
        return n == dieAt ? throw new TimeoutException("killed") : result;
    }

    private static async Task<bool> TrueAsync(Task task)
    {
        await task;
        return true;
    }
}
