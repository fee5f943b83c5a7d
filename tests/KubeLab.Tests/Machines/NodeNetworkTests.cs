using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.Docker;

namespace KubeLab.Tests.Machines;

public sealed class NodeNetworkTests
{
    [Fact]
    public async Task The_newer_of_two_networks_created_in_parallel_is_removed()
    {
        var engine = new RacedEngine();

        var network = await NodeNetwork.EnsureAsync(engine, "k-1", new Progress<LabEvent>(), default);

        Assert.Equal("10.77.0.0/16", $"{network}");
        Assert.Equal(["old"], engine.Networks);
    }

    /// <summary>Another process creates the network at the same time, and the engine accepts both.</summary>
    private sealed class RacedEngine : IDocker
    {
        public List<string> Networks { get; } = [];

        public Task StartLaterAsync(DelayedStart start, TimeSpan delay, CancellationToken stop) =>
            throw new InvalidOperationException("unexpected delayed start");

        public Task<DockerResult> RunAsync(DockerCommand command, CancellationToken stop) => Task.FromResult<DockerResult>(command.Arguments switch
        {
            ["network", "ls", ..] => new(0, string.Concat(Networks.Select(id => $"{(id == "old" ? "2026-01-01" : "2026-01-02")}\t{id}\n")), ""),
            ["network", "create", ..] => Created(),
            ["network", "rm", var id] => new(Networks.Remove(id) ? 0 : 1, "", ""),
            ["network", "inspect", "old"] => new(0, """[{"Labels":{"org.kubelab":"network"},"IPAM":{"Config":[{"Subnet":"10.77.0.0/16"}]}}]""", ""),
            ["network", "inspect", "bridge"] => new(0, """[{"Options":{}}]""", ""),
            _ => throw new InvalidOperationException(string.Join(' ', command.Arguments)),
        });

        private DockerResult Created()
        {
            Networks.AddRange("old", "young");
            return new(0, "young\n", "");
        }
    }
}
