using System.Collections.Concurrent;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>The servers that have come out of BUILD. Each look asks for what has changed since the one before: of all servers with their details Nova needs the longer the more there are.</summary>
/// <param name="changed">Reads those that have changed since a time; null: all.</param>
/// <param name="interval">Between two looks, at least.</param>
/// <param name="clock">Time.</param>
internal sealed class BuiltServers(Func<DateTimeOffset?, Task<IReadOnlyList<Server>>> changed, TimeSpan interval, TimeProvider clock)
{
    // What was changed first is not always seen first: hosts have clocks of their own, and a change is there only when it is committed.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Server> _seen = new();
    private readonly Lock _turn = new();
    private CoalescedRead<IReadOnlyDictionary<string, Server>>? _look;
    private DateTimeOffset? _last;

    /// <summary>By their ids, what was read from now on among them. Of a server that was there before, it may be what it was once.</summary>
    public Task<IReadOnlyDictionary<string, Server>> ReadAsync(CancellationToken stop) =>
        LazyInitializer.EnsureInitialized(ref _look, () => new(ReadServersAsync, interval, clock)).ReadAsync(stop);

    /// <summary>Takes the time from a list of all. Nova's clock is the one that counts.</summary>
    public IReadOnlyList<Server> Note(IReadOnlyList<Server> servers)
    {
        var last = servers.Max(server => server.Updated);
        lock (_turn)
            if (_last is null || last > _last)
                _last = last;
        return servers;
    }

    private async Task<IReadOnlyDictionary<string, Server>> ReadServersAsync()
    {
        DateTimeOffset? since;
        lock (_turn)
            since = _last - Overlap;
        foreach (var server in Note(await changed(since)))
            _seen[server.Id] = server;
        return _seen;
    }
}
