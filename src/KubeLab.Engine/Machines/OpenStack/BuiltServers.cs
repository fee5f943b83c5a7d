using System.Collections.Concurrent;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The servers that have left the state BUILD. Each read requests only the changes since the previous one, because listing all servers with
/// details takes Nova longer the more there are.</summary>
/// <param name="changed">Reads the servers that have changed since a time. Null: all servers.</param>
/// <param name="interval">The minimum interval between two reads.</param>
/// <param name="clock">The clock.</param>
internal sealed class BuiltServers(Func<DateTimeOffset?, Task<IReadOnlyList<Server>>> changed, TimeSpan interval, TimeProvider clock)
{
    // Changes may appear out of order, because hosts have their own clocks and a change is visible only after its commit.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Server> _seen = new();
    private readonly Lock _lock = new();
    private CoalescedRead<IReadOnlyDictionary<string, Server>>? _read;
    private DateTimeOffset? _last;

    /// <summary>The servers by ID, including those read from now on. The data of an older server may be outdated.</summary>
    public Task<IReadOnlyDictionary<string, Server>> ReadAsync(CancellationToken stop) =>
        LazyInitializer.EnsureInitialized(ref _read, () => new(ReadServersAsync, interval, clock)).ReadAsync(stop);

    /// <summary>Takes the last change time from a list of all servers, because Nova's clock is authoritative.</summary>
    public IReadOnlyList<Server> RecordLastChange(IReadOnlyList<Server> servers)
    {
        var last = servers.Max(server => server.Updated);
        lock (_lock)
            if (_last is null || last > _last)
                _last = last;
        return servers;
    }

    private async Task<IReadOnlyDictionary<string, Server>> ReadServersAsync()
    {
        DateTimeOffset? since;
        lock (_lock)
            since = _last - Overlap;
        foreach (var server in RecordLastChange(await changed(since)))
            _seen[server.Id] = server;
        return _seen;
    }
}
