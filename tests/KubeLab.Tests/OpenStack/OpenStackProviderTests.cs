using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.OpenStack;

public sealed class OpenStackProviderTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly FakeCloud _cloud = new();
    private readonly Heard _heard = new();

    public void Dispose() => _folder.Dispose();

    // A new one each time: what it finds, it finds in the cloud.
    private OpenStackProvider Provider() => new((_, _, _) => Task.FromResult<ICloud>(_cloud), () => ["lab"], _folder.Path, TimeProvider.System, TimeSpan.FromMilliseconds(1));

    private static OpenStackOrder Order(int count, string lab = "lab") => new([.. Enumerable.Range(1, count).Select(n => $"{lab}-{n}")], "Debian 12", "m1.small") { FloatingIp = true };

    private async Task<IReadOnlyList<Machine>> CreateAsync(OpenStackOrder order, string lab = "lab")
    {
        var provider = Provider();
        return await Fleet.AllAsync(order.Machines, (name, stop) => provider.CreateAsync(new OpenStackMachineSpec(lab, name, order), _heard, stop), 16, default);
    }

    private async Task RemoveAsync(IReadOnlyList<Machine> machines)
    {
        var provider = Provider();
        await Fleet.AllAsync(machines, async (machine, stop) =>
        {
            await provider.DeleteAsync(machine, _heard, stop);
            return true;
        }, 16, default);
    }

    private async Task<IReadOnlyList<Machine>> ListAsync() => await Provider().ListAsync(null, default).ToListAsync();

    private async Task<KlException> RefusalAsync(OpenStackOrder order)
    {
        var before = _cloud.Everything;
        var error = await Record.ExceptionAsync(() => CreateAsync(order));
        Assert.Equal(before, _cloud.Everything);
        Assert.Equal(0, _cloud.Changes);
        // One for all machines.
        return Assert.IsType<KlException>(error is AggregateException many ? many.Flatten().InnerExceptions.Distinct().Single() : error);
    }

    [Fact]
    public async Task Four_machines_come_and_go_and_leave_nothing()
    {
        var before = _cloud.Everything;
        var machines = await CreateAsync(Order(4));

        Assert.Equal(["10.77.1.1", "10.77.1.2", "10.77.1.3", "10.77.1.4"], machines.Select(one => one.Address.ToString()));
        Assert.All(machines, one => Assert.Equal(("Running", "kubelab", 22, "m1.small", "Debian 12", "lab"), (one.State, one.Ssh.User, one.Ssh.Port, one.Flavor, one.Image, one.Cloud)));
        Assert.All(machines, one => Assert.Equal((one.Ssh.Host, one.ApiEndpoint), (one.PublicAddress!.ToString(), one.PublicAddress + ":6443")));
        Assert.Equal(4, machines.DistinctBy(one => one.PublicAddress).Count());
        Assert.Single(_cloud.All<Router>());
        Assert.Equal(machines, await ListAsync());

        await RemoveAsync(machines);
        Assert.Equal(before, _cloud.Everything);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "lab", "lab")));
        await RemoveAsync(machines);
    }

    [Fact]
    public async Task The_same_again_changes_nothing()
    {
        var machines = await CreateAsync(Order(3));
        var changes = _cloud.Changes;
        Assert.Equal(machines, await CreateAsync(Order(3)));
        Assert.Equal(changes, _cloud.Changes);
    }

    [Fact]
    public async Task A_machine_takes_three_requests_and_what_the_lab_shares()
    {
        await CreateAsync(Order(2));
        var two = _cloud.Changes;
        await CreateAsync(Order(5));
        Assert.Equal(3 * 3, _cloud.Changes - two);
    }

    /// <summary>SIGKILL between any two requests, before the change or after it, and then the same again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_at_any_request_it_is_listed_completed_and_removed(bool after)
    {
        var reached = 0;
        for (var n = 1; n <= 40; n++)
        {
            using var test = new OpenStackProviderTests();
            var before = test._cloud.Everything;
            (test._cloud.DieAt, test._cloud.DieAfter) = (n, after);
            var died = await Record.ExceptionAsync(() => test.CreateAsync(Order(3)));
            test._cloud.DieAt = null;
            if (died is null)
                break;
            reached = n;
            if (n % 2 == 0)
            {
                // What there is can be found and removed,
                if (test._cloud.Everything.Count > before.Count)
                    Assert.NotEmpty(await test.ListAsync());
                await test.RemoveAsync(await test.ListAsync());
                Assert.Equal(before, test._cloud.Everything);
            }

            // or completed, without anything twice.
            var machines = await test.CreateAsync(Order(3));
            Assert.Equal((3, 3, 4, 1, 1, 1), (test._cloud.All<Server>().Count, test._cloud.All<FloatingIp>().Count, test._cloud.All<Port>().Count,
                test._cloud.All<Router>().Count, test._cloud.All<Subnet>().Count, test._cloud.All<KeyPair>().Count));
            Assert.Equal(7, test._cloud.All<SecurityGroup>().Single(one => one.Name == "kubelab-lab").SecurityGroupRules.Count);
            Assert.Equal(machines, await test.ListAsync());

            await test.RemoveAsync(machines);
            Assert.Equal(before, test._cloud.Everything);
        }
        Assert.InRange(reached, 14, 39);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_removal_that_is_killed_at_any_request_is_carried_on(bool after)
    {
        var reached = 0;
        for (var n = 1; n <= 40; n++)
        {
            using var test = new OpenStackProviderTests();
            var before = test._cloud.Everything;
            var machines = await test.CreateAsync(Order(3));
            (test._cloud.DieAt, test._cloud.DieAfter) = (test._cloud.Changes + n, after);
            var died = await Record.ExceptionAsync(() => test.RemoveAsync(machines));
            test._cloud.DieAt = null;
            if (died is null)
                break;
            reached = n;
            await test.RemoveAsync(await test.ListAsync());
            Assert.Equal(before, test._cloud.Everything);
        }
        Assert.InRange(reached, 10, 39);
    }

    [Fact]
    public async Task Two_processes_at_once_make_one_lab()
    {
        var both = await Task.WhenAll(CreateAsync(Order(3)), CreateAsync(Order(3)));
        Assert.Equal(both[0].Select(one => one.Id), both[1].Select(one => one.Id));
        Assert.Equal(3, _cloud.All<Server>().Count);
    }

    [Fact]
    public async Task A_server_in_ERROR_is_told_in_Novas_words_and_the_others_go_on()
    {
        _cloud.Faults["lab-2"] = "No valid host was found.";
        var provider = Provider();
        var order = Order(3);
        var outcomes = await Fleet.RunAsync(order.Machines, (name, stop) => provider.CreateAsync(new OpenStackMachineSpec("lab", name, order), _heard, stop), 16, default).ToListAsync();
        var error = Assert.IsType<KlException>(Assert.Single(outcomes, one => one.Error is not null).Error);
        Assert.Equal(("ServerFailed", "lab-2"), (error.ErrorId, error.Target));
        Assert.Contains("No valid host was found.", error.Message, StringComparison.Ordinal);
        Assert.Equal(["Running", "Error", "Running"], (await ListAsync()).Select(one => one.State));
        await RemoveAsync(await ListAsync());
        Assert.Empty(_cloud.All<Server>());
    }

    [Fact]
    public async Task A_server_of_somebody_else_with_the_name_is_left_alone()
    {
        _cloud.Add<Server>(new() { ["name"] = "lab-2", ["status"] = "ACTIVE" });
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(2)));
        Assert.Equal(("NameTaken", "lab-2"), (error.ErrorId, error.Target));
        await RemoveAsync(await ListAsync());
        Assert.Equal("lab-2", Assert.Single(_cloud.All<Server>()).Name);
    }

    [Fact]
    public async Task What_is_short_in_the_quota_is_said_before_anything_is_made()
    {
        _cloud.Limits = new() { MaxInstances = 10, InstancesUsed = 8, MaxCores = 20, CoresUsed = 16, MaxRam = -1 };
        _cloud.Quotas["floatingip"] = new(3, 1, 1);
        var error = await RefusalAsync(Order(4));
        Assert.Equal("QuotaShort", error.ErrorId);
        Assert.Contains("instances: 4 wanted, 8 of 10 in use, 2 short", error.Message, StringComparison.Ordinal);
        Assert.Contains("cores: 8 wanted, 16 of 20 in use, 4 short", error.Message, StringComparison.Ordinal);
        Assert.Contains("floating IPs: 4 wanted, 2 of 3 in use, 3 short", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("RAM", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_before_anything_is_made()
    {
        var order = Order(1);
        Assert.Equal(("ImageUnknown", "Near to it: Debian 12."), await ToldAsync(order with { Image = "Debain 12" }));
        Assert.Equal(("ImageUnknown", "Near to it: Debian 12."), await ToldAsync(order with { Image = "Debian 13" }));
        Assert.Equal(("FlavorUnknown", "Near to it: m1.tiny, m1.small."), await ToldAsync(order with { Flavor = "m1.tine" }));
        Assert.Equal("FlavorTooSmall", (await RefusalAsync(order with { Flavor = "m1.tiny" })).ErrorId);
        Assert.Equal("NetworkUnknown", (await RefusalAsync(order with { Network = "none" })).ErrorId);
        Assert.Equal("KeyPairUnknown", (await RefusalAsync(order with { KeyName = "none" })).ErrorId);
        Assert.Equal("SubnetInvalid", (await RefusalAsync(order with { Subnet = "10.0.0.0" })).ErrorId);
        _cloud.Add<Image>(new() { ["name"] = "Debian 12", ["status"] = "active" });
        Assert.Equal("ImageAmbiguous", (await RefusalAsync(order)).ErrorId);
        _cloud.Add<Network>(new() { ["name"] = "other", ["router:external"] = true });
        var error = await RefusalAsync(order with { Image = "images-1" });
        Assert.Equal("ExternalNetworkAmbiguous", error.ErrorId);
        Assert.Contains("public, other", error.Message, StringComparison.Ordinal);

        async Task<(string, string?)> ToldAsync(OpenStackOrder order) => await RefusalAsync(order) is { } told ? (told.ErrorId, told.NextStep) : default;
    }

    [Fact]
    public async Task Floating_IPs_that_lead_nowhere_are_used_first_and_stay()
    {
        var own = _cloud.Add<FloatingIp>(new() { ["floating_network_id"] = (string)_cloud.Raw<Network>()[0]["id"]!, ["floating_ip_address"] = "192.0.2.200", ["description"] = "of mine" });
        var machines = await CreateAsync(Order(2));
        Assert.Contains(machines, one => one.PublicAddress!.ToString() == "192.0.2.200");
        await RemoveAsync(machines);
        Assert.Equal((string)own["id"]!, Assert.Single(_cloud.All<FloatingIp>()).Id);
    }

    [Fact]
    public async Task An_empty_pool_is_said_and_what_was_made_can_be_removed()
    {
        var before = _cloud.Everything;
        _cloud.PoolIsEmpty = true;
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(1)));
        Assert.Equal(("FloatingIpMissing", "lab-1"), (error.ErrorId, error.Target));
        await RemoveAsync(await ListAsync());
        Assert.Equal(before, _cloud.Everything);
    }

    [Fact]
    public async Task A_network_of_yours_gets_no_router_and_is_not_removed()
    {
        _cloud.Add<Network>(new() { ["name"] = "campus" });
        var before = _cloud.Everything;
        var machine = Assert.Single(await CreateAsync(Order(1) with { Network = "campus", FloatingIp = false }));
        Assert.Null(machine.PublicAddress);
        Assert.Equal((machine.Address.ToString(), machine.Address + ":6443"), (machine.Ssh.Host, machine.ApiEndpoint));
        Assert.Empty(_cloud.All<Router>());
        await RemoveAsync([machine]);
        Assert.Equal(before, _cloud.Everything);
    }

    [Fact]
    public async Task Labs_do_not_touch_each_other()
    {
        var one = await CreateAsync(Order(2));
        var two = await CreateAsync(Order(2, "other"), "other");
        await RemoveAsync(one);
        Assert.Equal(two, await ListAsync());
    }

    [Fact]
    public async Task Zones_take_turns_and_volumes_and_groups_are_asked_for()
    {
        await CreateAsync(Order(3) with { Zones = ["a", "b"], BootVolume = 30, ServerGroup = "anti-affinity" });
        var servers = _cloud.Raw<Server>().OrderBy(one => (string)one["name"]!).ToList();
        Assert.Equal(["a", "b", "a"], servers.Select(one => (string)one["availability_zone"]!));
        Assert.All(servers, one => Assert.Equal(30, (int)one["block_device_mapping_v2"]![0]!["volume_size"]!));
        Assert.Equal(Assert.Single(_cloud.All<ServerGroup>()).Id, (string)_cloud.LastHints!["group"]!);
    }

    [Fact]
    public async Task Pods_may_send_and_the_port_is_in_the_labs_group()
    {
        await CreateAsync(Order(1));
        var port = _cloud.All<Port>().Single(one => one.Name == "lab-1");
        Assert.Equal("10.244.0.0/16", Assert.Single(port.AllowedAddressPairs).IpAddress);
        Assert.Equal(_cloud.All<SecurityGroup>().Single(one => one.Name == "kubelab-lab").Id, Assert.Single(port.SecurityGroups));
    }

    [Fact]
    public async Task The_host_key_that_the_server_is_given_is_the_one_we_know()
    {
        var machine = Assert.Single(await CreateAsync(Order(1)));
        var told = Encoding.UTF8.GetString(Convert.FromBase64String((string)_cloud.Raw<Server>()[0]["user_data"]!));
        var key = (await File.ReadAllTextAsync(machine.Ssh.KnownHostsFile!)).Trim()["lab-1 ".Length..];
        Assert.StartsWith("#cloud-config\n", told, StringComparison.Ordinal);
        Assert.Contains($"ed25519_public: {key} lab-1\n", told, StringComparison.Ordinal);
        Assert.Contains((await File.ReadAllTextAsync(machine.Ssh.IdentityFile! + ".pub")).Trim(), told, StringComparison.Ordinal);
        var yaml = new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(told);
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
    public void An_address_follows_from_the_number(string subnet, int number, string? address) =>
        Assert.Equal(address, OpenStackProvider.AddressIn(subnet, number)?.ToString());

    [Fact]
    public async Task Machines_are_stopped_and_started()
    {
        var machine = Assert.Single(await CreateAsync(Order(1)));
        Assert.Equal("Stopped", (await Provider().PowerAsync(machine, PowerAction.Stop, _heard, default)).State);
        Assert.Equal("Running", (await Provider().PowerAsync(machine, PowerAction.Restart, _heard, default)).State);
        await Provider().PowerAsync(machine, PowerAction.Stop, _heard, default);
        var changes = _cloud.Changes;
        await Provider().PowerAsync(machine, PowerAction.Stop, _heard, default);
        Assert.Equal(changes, _cloud.Changes);
        Assert.Equal("Running", Assert.Single(await CreateAsync(Order(1))).State);
    }

    [Fact]
    public async Task A_cloud_with_labs_of_ours_must_answer_and_others_are_passed_over()
    {
        OpenStackProvider Silent() => new((_, _, _) => throw new KlException("CloudUnreachable", KlErrorKind.Unreachable, "lab", "no answer"), () => ["lab"], _folder.Path, TimeProvider.System, TimeSpan.Zero);
        Assert.Empty(await Silent().ListAsync(null, default).ToListAsync());
        await CreateAsync(Order(1));
        Assert.Equal("CloudUnreachable", (await Assert.ThrowsAsync<KlException>(async () => await Silent().ListAsync(null, default).ToListAsync())).ErrorId);
    }

    [Fact]
    public async Task Fifty_who_look_at_once_look_together()
    {
        _cloud.Limits = new() { MaxInstances = -1, MaxCores = -1, MaxRam = -1 };
        await CreateAsync(Order(50));
        Assert.Equal(50, _cloud.All<Server>().Count);
        Assert.InRange(_cloud.Lists, 9, 80);
    }
}
