using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack;

/// <summary>The creation, listing and removal of machines.</summary>
public sealed class OpenStackProviderTests : CloudTest
{
    [Fact]
    public async Task Four_machines_are_created_and_deleted_and_leave_nothing()
    {
        var before = Cloud.Everything;
        var machines = await CreateAsync(Order(4));

        Assert.Equal(["10.77.1.1", "10.77.1.2", "10.77.1.3", "10.77.1.4"], machines.Select(one => one.Address));
        Assert.All(machines, one => Assert.Equal(("Running", "kubelab", 22, "m1.small", "Debian 12", "lab"),
            (one.State, one.Ssh.User, one.Ssh.Port, one.Size, one.Image, one.Location)));
        Assert.All(machines, one => Assert.Equal((one.Ssh.Host, one.ApiEndpoint), (one.PublicAddress, one.PublicAddress + ":6443")));
        Assert.Equal(4, machines.DistinctBy(one => one.PublicAddress).Count());
        Assert.Single(Cloud.All<Router>());
        Assert.Equal(machines, await ListAsync());

        await RemoveAsync(machines);
        Assert.Equal(before, Cloud.Everything);
        Assert.False(Directory.Exists(Path.Combine(Root, "lab", "lab")));
        await RemoveAsync(machines);
    }

    [Fact]
    public async Task The_second_run_changes_nothing()
    {
        var machines = await CreateAsync(Order(3));
        var changes = Cloud.Changes;
        Assert.Equal(machines, await CreateAsync(Order(3)));
        Assert.Equal(changes, Cloud.Changes);
    }

    [Fact]
    public async Task A_machine_needs_two_requests_besides_those_of_the_lab()
    {
        await CreateAsync(Order(2));
        var two = Cloud.Changes;
        await CreateAsync(Order(5));
        // All ports are created with one request.
        Assert.Equal(3 * 2 + 1, Cloud.Changes - two);
    }

    [Fact]
    public async Task Unassociated_floating_IPs_are_used_first_and_kept()
    {
        var own = Cloud.Add<FloatingIp>(new()
        { ["floating_network_id"] = (string)Cloud.Raw<Network>()[0]["id"]!, ["floating_ip_address"] = "192.0.2.200", ["description"] = "of mine" });
        var machines = await CreateAsync(Order(2));
        Assert.Contains(machines, one => one.PublicAddress == "192.0.2.200");
        await RemoveAsync(machines);
        Assert.Equal((string)own["id"]!, Assert.Single(Cloud.All<FloatingIp>()).Id);
    }

    [Fact]
    public async Task An_existing_network_gets_no_router_and_is_not_removed()
    {
        Cloud.Add<Network>(new() { ["name"] = "campus" });
        var before = Cloud.Everything;
        var machine = Assert.Single(await CreateAsync(Order(1) with { Network = "campus", FloatingIp = false }));
        Assert.Null(machine.PublicAddress);
        Assert.Equal((machine.Address, machine.Address + ":6443"), (machine.Ssh.Host, machine.ApiEndpoint));
        Assert.Empty(Cloud.All<Router>());
        await RemoveAsync([machine]);
        Assert.Equal(before, Cloud.Everything);
    }

    [Fact]
    public async Task Labs_do_not_affect_each_other()
    {
        var one = await CreateAsync(Order(2));
        var two = await CreateAsync(Order(2, "other"), "other");
        await RemoveAsync(one);
        Assert.Equal(two, await ListAsync());
    }

    [Fact]
    public async Task Zones_alternate_and_volumes_and_groups_are_requested()
    {
        Cloud.Volumes = new();
        foreach (var zone in new[] { "a", "b" })
            Cloud.Add<AvailabilityZone>(new() { ["zoneName"] = zone, ["zoneState"] = new JsonObject { ["available"] = true } });
        await CreateAsync(Order(3) with { Zones = ["a", "b"], BootVolume = 30, ServerGroup = "anti-affinity" });
        var servers = Cloud.Raw<Server>().OrderBy(one => (string)one["name"]!).ToList();
        Assert.Equal(["a", "b", "a"], servers.Select(one => (string)one["availability_zone"]!));
        Assert.All(servers, one => Assert.Equal(30, (int)one["block_device_mapping_v2"]![0]!["volume_size"]!));
        Assert.Equal(Assert.Single(Cloud.All<ServerGroup>()).Id, (string)Cloud.LastHints!["group"]!);
    }

    [Fact]
    public async Task Pods_may_send_and_the_port_is_in_the_labs_group()
    {
        await CreateAsync(Order(1));
        var port = Cloud.All<Port>().Single(one => one.Name == "lab-1");
        var pairs = Cloud.Raw<Port>().Single(one => (string?)one["name"] == "lab-1")["allowed_address_pairs"]!.AsArray();
        Assert.Equal("10.244.0.0/16", (string?)Assert.Single(pairs)!["ip_address"]);
        Assert.Equal(Cloud.All<SecurityGroup>().Single(one => one.Name == "kubelab-lab").Id, Assert.Single(port.SecurityGroups));
    }

    [Fact]
    public async Task The_server_gets_the_host_key_that_is_stored()
    {
        var machine = Assert.Single(await CreateAsync(Order(1)));
        var userData = Encoding.UTF8.GetString(Convert.FromBase64String((string)Cloud.Raw<Server>()[0]["user_data"]!));
        var key = (await File.ReadAllTextAsync(machine.Ssh.KnownHostsFile!)).Trim()["lab-1 ".Length..];
        Assert.StartsWith("#cloud-config\n", userData, StringComparison.Ordinal);
        Assert.Contains($"ed25519_public: {key} lab-1\n", userData, StringComparison.Ordinal);
        Assert.Contains((await File.ReadAllTextAsync(machine.Ssh.IdentityFile! + ".pub")).Trim(), userData, StringComparison.Ordinal);
        var yaml = new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(userData);
        var secret = (string)((Dictionary<object, object>)yaml["ssh_keys"])["ed25519_private"];
        using var read = new Renci.SshNet.PrivateKeyFile(new MemoryStream(Encoding.UTF8.GetBytes(secret)));
        Assert.Equal(key.Split(' ')[1], Convert.ToBase64String(((Renci.SshNet.Security.KeyHostAlgorithm)read.HostKeyAlgorithms.First()).Data));
    }

    [Theory]
    [InlineData("10.77.0.0/16", 1, "10.77.1.1")]
    [InlineData("10.77.0.0/16", 300, "10.77.2.44")]
    [InlineData("192.168.5.0/24", 4, "192.168.5.14")]
    [InlineData("192.168.5.0/28", 4, "192.168.5.14")]
    [InlineData("192.168.5.0/28", 5, null)]
    [InlineData("2001:db8::/64", 1, null)]
    public void The_number_determines_the_address(string subnet, int number, string? address) =>
        Assert.Equal(address, OpenStackProvider.AddressIn(subnet, number)?.ToString());

    [Fact]
    public async Task Machines_are_stopped_and_started()
    {
        var machine = Assert.Single(await CreateAsync(Order(1)));
        Assert.Equal("Stopped", (await Provider().PowerAsync(machine, PowerAction.Stop, Heard, default)).State);
        Assert.Equal("Running", (await Provider().PowerAsync(machine, PowerAction.Restart, Heard, default)).State);
        await Provider().PowerAsync(machine, PowerAction.Stop, Heard, default);
        var changes = Cloud.Changes;
        await Provider().PowerAsync(machine, PowerAction.Stop, Heard, default);
        Assert.Equal(changes, Cloud.Changes);
        Assert.Equal("Running", Assert.Single(await CreateAsync(Order(1))).State);
    }

    [Fact]
    public async Task A_machine_that_does_not_respond_is_restarted_without_a_shutdown()
    {
        var machine = Assert.Single(await CreateAsync(Order(1)));
        await Provider().ResetAsync(machine, Heard, default);
        Assert.Equal(("reboot", "HARD"), (Cloud.LastAction.Name, (string?)Cloud.LastAction.Parameters!["type"]));
    }

    [Fact]
    public async Task Stop_waits_for_a_pending_task()
    {
        var machine = Assert.Single(await CreateAsync(Order(1)));
        var server = Assert.Single(Cloud.Raw<Server>());
        server["OS-EXT-STS:task_state"] = "rebooting";
        var (changes, lists) = (Cloud.Changes, Cloud.Lists);
        var stopped = Provider().PowerAsync(machine, PowerAction.Stop, Heard, default);
        await Wait.UntilAsync(_ => Task.FromResult(Cloud.Lists), seen => seen > lists + 3 ? Verdict.Ready
            : Verdict.Pending(""), new("", "", TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1)), TimeProvider.System, default);
        Assert.Equal(changes, Cloud.Changes);
        server["OS-EXT-STS:task_state"] = null;
        Assert.Equal("Stopped", (await stopped).State);
    }

    [Fact]
    public async Task Fifty_parallel_callers_share_one_read()
    {
        Cloud.Limits = new() { MaxInstances = -1, MaxCores = -1, MaxRam = -1 };
        await CreateAsync(Order(50));
        Assert.Equal(50, Cloud.All<Server>().Count);
        Assert.InRange(Cloud.Lists, 9, 250);
        // One list before the creation; then only changes are requested.
        Assert.Equal(1, Cloud.ServerLists);
    }

    [Fact]
    public async Task A_server_whose_host_has_a_slow_clock_is_found_too()
    {
        var one = await CreateAsync(Order(1));
        Cloud.Behind = TimeSpan.FromHours(1);
        Assert.Equal(["lab-1", "lab-2"], (await CreateAsync(Order(2))).Select(machine => machine.Name));
        Assert.Equal(one[0], (await ListAsync())[0]);
    }
}
