using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;

namespace KubeLab.Tests.Bootstrap;

/// <summary>A provider with a list of machines.</summary>
internal sealed class FakeProvider : IMachineProvider, ILoadBalancerProvider
{
    public string Name => "Fake";

    public List<Machine> Machines { get; } = [];

    public List<string> Deleted { get; } = [];

    public string? Stuck { get; set; }

    public IAsyncEnumerable<Machine> ListAsync(string? lab, CancellationToken stop) => Machines.ToList().ToAsyncEnumerable();

    public Task<Machine> CreateLoadBalancerAsync(string lab, IProgress<LabEvent> events, CancellationToken stop)
    {
        var name = LabName.LoadBalancer(lab);
        if (Machines.Find(one => one.Name == name) is not { } machine)
            Machines.Add(machine = FakeCluster.Machine(name, 99, lab));
        return Task.FromResult(machine);
    }

    public Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (machine.Name == Stuck)
            throw new KlException("DockerFailed", KlErrorKind.Failed, machine.Name, "it is stuck");
        lock (Deleted)
        {
            Deleted.Add(machine.Name);
            Machines.Remove(machine);
        }
        return Task.CompletedTask;
    }
}
