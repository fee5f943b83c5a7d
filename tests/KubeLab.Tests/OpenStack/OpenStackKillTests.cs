using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack;

/// <summary>Runs that are killed at any request, and parallel runs.</summary>
public sealed class OpenStackKillTests : CloudTest
{
    /// <summary>SIGKILL between any two requests, before or after a change, and then the same run again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_killed_at_any_request_is_listed_completed_and_removed(bool after)
    {
        var reached = 0;
        for (var n = 1; n <= 40; n++)
        {
            using var test = new OpenStackKillTests();
            var before = test.Cloud.Everything;
            (test.Cloud.DieAt, test.Cloud.DieAfter) = (n, after);
            var died = await Record.ExceptionAsync(() => test.CreateAsync(Order(3)));
            test.Cloud.DieAt = null;
            if (died is null)
                break;
            reached = n;
            if (n % 2 == 0)
            {
                // The resources can be found and removed,
                if (test.Cloud.Everything.Count > before.Count)
                    Assert.NotEmpty(await test.ListAsync());
                await test.RemoveAsync(await test.ListAsync());
                Assert.Equal(before, test.Cloud.Everything);
            }

            // or completed without duplicates.
            var machines = await test.CreateAsync(Order(3));
            Assert.Equal((3, 3, 4, 1, 1, 1), (test.Cloud.All<Server>().Count, test.Cloud.All<FloatingIp>().Count, test.Cloud.All<Port>().Count,
                test.Cloud.All<Router>().Count, test.Cloud.All<Subnet>().Count, test.Cloud.All<KeyPair>().Count));
            Assert.Equal(7, test.Cloud.All<SecurityGroup>().Single(one => one.Name == "kubelab-lab").SecurityGroupRules.Count);
            Assert.Equal(machines, await test.ListAsync());

            await test.RemoveAsync(machines);
            Assert.Equal(before, test.Cloud.Everything);
        }
        Assert.InRange(reached, 14, 39);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_removal_killed_at_any_request_is_continued(bool after)
    {
        var reached = 0;
        for (var n = 1; n <= 40; n++)
        {
            using var test = new OpenStackKillTests();
            var before = test.Cloud.Everything;
            var machines = await test.CreateAsync(Order(3));
            (test.Cloud.DieAt, test.Cloud.DieAfter) = (test.Cloud.Changes + n, after);
            var died = await Record.ExceptionAsync(() => test.RemoveAsync(machines));
            test.Cloud.DieAt = null;
            if (died is null)
                break;
            reached = n;
            await test.RemoveAsync(await test.ListAsync());
            Assert.Equal(before, test.Cloud.Everything);
        }
        Assert.InRange(reached, 10, 39);
    }

    [Fact]
    public async Task Of_two_resources_requested_by_a_killed_process_the_used_one_is_kept_and_both_are_removed()
    {
        var before = Cloud.Everything;
        var first = Twice();
        await CreateAsync(Order(2));
        // Now the first one has the last ID.
        var second = Twice();
        Assert.True(string.CompareOrdinal(second.Network, first.Network) < 0);

        await CreateAsync(Order(3));
        var ports = Cloud.All<Port>();
        Assert.Equal(4, ports.Count);
        Assert.All(ports, port => Assert.Equal(first.Network, port.NetworkId));
        Assert.All(ports.Where(port => port.Name.Length > 0), port => Assert.Equal([first.Group], port.SecurityGroups));
        Assert.Equal(first.Router, Assert.Single(ports, port => port.DeviceOwner == "network:router_interface").DeviceId);

        await RemoveAsync(await ListAsync());
        Assert.Equal(before, Cloud.Everything);

        (string Network, string Router, string Group) Twice()
        {
            System.Text.Json.Nodes.JsonObject Ours() => new() { ["name"] = "kubelab-lab", ["description"] = "kubelab: lab" };
            return ((string)Cloud.Add<Network>(Ours())["id"]!, (string)Cloud.Add<Router>(Ours())["id"]!, (string)Cloud.Add<SecurityGroup>(Ours())["id"]!);
        }
    }

    [Fact]
    public async Task Two_parallel_processes_create_one_lab()
    {
        var both = await Task.WhenAll(CreateAsync(Order(3)), CreateAsync(Order(3)));
        Assert.Equal(both[0].Select(one => one.Id), both[1].Select(one => one.Id));
        Assert.Equal(3, Cloud.All<Server>().Count);
    }
}
