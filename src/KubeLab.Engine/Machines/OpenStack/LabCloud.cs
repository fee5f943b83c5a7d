using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>A cloud, the keys of its labs, and the reads that all waiting operations share.</summary>
internal sealed class LabCloud
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromMinutes(1);

    public LabCloud(ICloud cloud, LabKeys keys, TimeSpan interval, TimeProvider clock)
    {
        CoalescedRead<IReadOnlyList<T>> SharedRead<T>()
            where T : class, ICloudResource => new(() => cloud.ListAsync<T>(CancellationToken.None), interval, clock);
        (Cloud, Keys) = (cloud, keys);
        Building = new(() => cloud.BuildingAsync(CancellationToken.None), interval, clock);
        Built = new(since => cloud.ChangedAsync(since, CancellationToken.None), interval, clock);
        (Servers, Ports, FloatingIps, Groups) = (new(async () => Built.RecordLastChange(await AllServersAsync(cloud, interval, clock)), interval, clock),
            SharedRead<Port>(), SharedRead<FloatingIp>(), SharedRead<SecurityGroup>());
    }

    public ICloud Cloud { get; }

    public LabKeys Keys { get; }

    public CoalescedRead<IReadOnlyList<Server>> Servers { get; }

    /// <summary>The IDs of servers in the state BUILD.</summary>
    public CoalescedRead<IReadOnlyList<string>> Building { get; }

    /// <summary>The servers that have left the state BUILD.</summary>
    public BuiltServers Built { get; }

    public CoalescedRead<IReadOnlyList<Port>> Ports { get; }

    public CoalescedRead<IReadOnlyList<FloatingIp>> FloatingIps { get; }

    public CoalescedRead<IReadOnlyList<SecurityGroup>> Groups { get; }

    /// <summary>All servers. If a cell is down, Nova lists its servers without name and metadata. It is then unknown to which lab they belong, and whether
    /// a lab has further servers.</summary>
    private static Task<IReadOnlyList<Server>> AllServersAsync(ICloud cloud, TimeSpan interval, TimeProvider clock) => Wait.UntilAsync(
        cloud.ListAsync<Server>,
        all => all.Count(one => one is { Status: "UNKNOWN", Name: "" }) is > 0 and var hidden
            ? Verdict.Pending($"Nova reports only the ID of {hidden} of {all.Count} servers, because a part of the cloud does not respond.") : Verdict.Ready,
        new(cloud.Name, $"{cloud.Name} to list its servers", ListTimeout, interval)
        {
            FailedId = ErrorIds.CloudListFailed, TimeoutId = ErrorIds.CloudListTimeout,
            NextStep = "Run the command again later, or inform the cloud's operators that a Nova cell is down.",
        },
        clock, CancellationToken.None);

    /// <summary>A server of a list, with its fault.</summary>
    public async Task<Server?> WithFaultAsync(Server? server, CancellationToken stop) =>
        server is { Status: "ERROR", Fault: null } ? await Cloud.ServerAsync(server.Id, stop) : server;

    /// <summary>Serializes the removal of shared resources of labs.</summary>
    public SemaphoreSlim CleanupLock { get; } = new(1);
}
