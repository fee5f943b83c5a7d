using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using static KubeLab.Tests.Bootstrap.FakeCluster;

namespace KubeLab.Tests.Bootstrap;

public sealed class ClustersTests : IDisposable
{
    private readonly FakeCluster _k = new();
    private readonly Provider _provider = new();
    private readonly Clusters _clusters;

    public ClustersTests()
    {
        _clusters = new([_provider], _k);
        for (var number = 1; number <= 3; number++)
        {
            _provider.Machines.Add(Machine($"k-{number}", number));
            _k.Nodes.Add(Node($"k-{number}", number));
        }
        _k.Contexts["k"] = new("https://127.0.0.1:21001");
    }

    public void Dispose() => _k.Dispose();

    [Fact]
    public async Task A_cluster_is_found_by_its_context_and_its_machines()
    {
        var cluster = await _clusters.FindAsync("k", _k.Heard, default);

        Assert.Equal("k-1", cluster!.ControlPlane.Name);
        Assert.Equal(["k-1", "k-2", "k-3"], cluster.Machines.Select(machine => machine.Name));
        Assert.Equal(("1.20.2", 3), (cluster.Version, cluster.ReadyNodes));
        Assert.Null(await _clusters.FindAsync("other", _k.Heard, default));
    }

    [Fact]
    public async Task A_context_without_a_machine_is_warned_of()
    {
        _provider.Machines.RemoveAll(machine => machine.Name == "k-1");

        Assert.Empty(await _clusters.ListAsync(_ => true, _k.Heard, default));
        Assert.Contains("127.0.0.1:21001 is no machine", _k.Heard.Of(LabEventKind.Warning).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_leaves_its_cluster_before_it_goes()
    {
        await RemoveAsync("k-3");

        Assert.Equal(["k-3"], _k.Drained);
        Assert.Equal(["k-1", "k-2"], _k.Nodes.Select(node => node.Name));
        Assert.Equal(["k-3"], _provider.Deleted);
        Assert.Contains("k", _k.Contexts.Keys);
    }

    [Fact]
    public async Task With_its_control_plane_a_cluster_goes_and_its_context()
    {
        await RemoveAsync("k-1", "k-2", "k-3");

        Assert.Equal(["k-1", "k-2", "k-3"], _provider.Deleted.Order());
        Assert.Empty(_k.Drained);
        Assert.Empty(_k.Contexts);
    }

    [Fact]
    public async Task The_context_stays_when_the_control_plane_cannot_be_removed()
    {
        _provider.Stuck = "k-1";

        await RemoveAsync("k-1", "k-2", "k-3");

        Assert.Equal(["k-1"], _k.Failures.Keys);
        Assert.Equal(["k-2", "k-3"], _provider.Deleted.Order());
        Assert.Contains("k", _k.Contexts.Keys);
    }

    [Fact]
    public async Task The_context_of_a_control_plane_that_vanished_goes_with_the_last_machine()
    {
        _provider.Machines.RemoveAll(machine => machine.Name == "k-1");
        await RemoveAsync("k-2");
        Assert.Contains("k", _k.Contexts.Keys);
        await RemoveAsync("k-3");
        Assert.Empty(_k.Contexts);
    }

    private Task RemoveAsync(params string[] names) =>
        _clusters.RemoveAsync([.. _provider.Machines.Where(machine => names.Contains(machine.Name))], _k.Heard, _k.Failed, default);

    private sealed class Provider : IMachineProvider
    {
        public string Name => "Fake";

        public List<Machine> Machines { get; } = [];

        public List<string> Deleted { get; } = [];

        public string? Stuck { get; set; }

        public IAsyncEnumerable<Machine> ListAsync(string? lab, CancellationToken stop) => Machines.ToList().ToAsyncEnumerable();

        public Task<Machine> CreateAsync(MachineSpec spec, IProgress<LabEvent> events, CancellationToken stop) => throw new InvalidOperationException("nobody expected a machine");

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
}
