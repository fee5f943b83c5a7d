using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>A cloud, the keys of the labs in it, and what all who wait there look at together.</summary>
internal sealed class LabCloud
{
    private static readonly TimeSpan WholeLimit = TimeSpan.FromMinutes(1);

    public LabCloud(ICloud cloud, LabKeys keys, TimeSpan interval, TimeProvider clock)
    {
        CoalescedRead<IReadOnlyList<T>> Look<T>()
            where T : class, ICloudResource => new(() => cloud.ListAsync<T>(CancellationToken.None), interval, clock);
        (Cloud, Keys) = (cloud, keys);
        Building = new(() => cloud.BuildingAsync(CancellationToken.None), interval, clock);
        Built = new(since => cloud.ChangedAsync(since, CancellationToken.None), interval, clock);
        (Servers, Ports, FloatingIps, Groups) = (new(async () => Built.Note(await WholeAsync(cloud, interval, clock)), interval, clock), Look<Port>(), Look<FloatingIp>(), Look<SecurityGroup>());
    }

    public ICloud Cloud { get; }

    public LabKeys Keys { get; }

    public CoalescedRead<IReadOnlyList<Server>> Servers { get; }

    /// <summary>The ids of those that are being built.</summary>
    public CoalescedRead<IReadOnlyList<string>> Building { get; }

    /// <summary>Those that have been built.</summary>
    public BuiltServers Built { get; }

    public CoalescedRead<IReadOnlyList<Port>> Ports { get; }

    public CoalescedRead<IReadOnlyList<FloatingIp>> FloatingIps { get; }

    public CoalescedRead<IReadOnlyList<SecurityGroup>> Groups { get; }

    /// <summary>All servers. Those of a cell that does not answer Nova lists by their ids alone, without name and metadata: whose they are nobody can say then, nor that there are no others of a lab.</summary>
    private static Task<IReadOnlyList<Server>> WholeAsync(ICloud cloud, TimeSpan interval, TimeProvider clock) => Wait.UntilAsync(
        cloud.ListAsync<Server>,
        all => all.Count(one => one is { Status: "UNKNOWN", Name: "" }) is > 0 and var hidden
            ? Verdict.Pending($"of {hidden} of {all.Count} servers Nova shows nothing but the id: a part of the cloud does not answer.") : Verdict.Ready,
        new(cloud.Name, $"{cloud.Name} to list its servers", WholeLimit, interval) { FailedId = ErrorIds.CloudListFailed, TimeoutId = ErrorIds.CloudListTimeout, NextStep = "Run it again later, or tell the cloud's operators that a cell of Nova is down." },
        clock, CancellationToken.None);

    /// <summary>One removal of what labs have once at a time.</summary>
    public SemaphoreSlim Clearing { get; } = new(1);
}
