using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>A cloud, the keys of the labs in it, and what all who wait there look at together.</summary>
internal sealed class LabCloud
{
    public LabCloud(ICloud cloud, LabKeys keys, TimeSpan interval, TimeProvider clock)
    {
        SharedLook<IReadOnlyList<T>> Look<T>()
            where T : class, ICloudResource => new(() => cloud.ListAsync<T>(CancellationToken.None), interval, clock);
        (Cloud, Keys) = (cloud, keys);
        (Servers, Ports, FloatingIps, Groups) = (Look<Server>(), Look<Port>(), Look<FloatingIp>(), Look<SecurityGroup>());
    }

    public ICloud Cloud { get; }

    public LabKeys Keys { get; }

    public SharedLook<IReadOnlyList<Server>> Servers { get; }

    public SharedLook<IReadOnlyList<Port>> Ports { get; }

    public SharedLook<IReadOnlyList<FloatingIp>> FloatingIps { get; }

    public SharedLook<IReadOnlyList<SecurityGroup>> Groups { get; }

    /// <summary>One removal of what labs have once at a time.</summary>
    public SemaphoreSlim Clearing { get; } = new(1);
}
