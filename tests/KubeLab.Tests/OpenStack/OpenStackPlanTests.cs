using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack;

/// <summary>What is looked at and judged before anything is made.</summary>
public sealed class OpenStackPlanTests : CloudTest
{
    [Theory]
    [InlineData("10.77.0.0/16", "10.77.128.0/17", "SubnetOverlaps", "pods have 10.77.128.0/17")]
    [InlineData("10.77.0.0", "10.244.0.0/16", "SubnetInvalid", "-Subnet '10.77.0.0'")]
    [InlineData("10.77.1.0/16", "10.244.0.0/16", "SubnetInvalid", "-Subnet '10.77.1.0/16'")]
    [InlineData("2001:db8::/64", "10.244.0.0/16", "SubnetInvalid", "-Subnet '2001:db8::/64'")]
    [InlineData("10.77.0.0/16", "pods", "SubnetInvalid", "-PodSubnet 'pods'")]
    [InlineData("10.77.0.0/28", "10.244.0.0/16", "SubnetTooSmall", "no address for lab-5")]
    [InlineData("203.0.0.0/8", "10.244.0.0/16", "SubnetOverlaps", "the external network has 203.0.113.0/24")]
    [InlineData(null, "10.77.128.0/17", "SubnetOverlaps", "the machines have 10.77.0.0/16")]
    public async Task Addresses_that_cannot_be_are_refused(string? subnet, string pods, string errorId, string said)
    {
        Cloud.Add<Subnet>(new() { ["network_id"] = (string)Cloud.Raw<Network>()[0]["id"]!, ["cidr"] = "203.0.113.0/24" });
        var error = await RefusalAsync(Order(5) with { Subnet = subnet, PodSubnet = pods });
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.NextStep);
    }

    [Fact]
    public async Task A_network_of_yours_brings_its_addresses()
    {
        var campus = (string)Cloud.Add<Network>(new() { ["name"] = "campus" })["id"]!;
        Cloud.Add<Subnet>(new() { ["network_id"] = campus, ["cidr"] = "10.244.3.0/24" });
        var order = Order(1) with { Network = "campus" };
        Assert.Equal("SubnetInvalid", (await RefusalAsync(order with { Subnet = "10.80.0.0/16" })).ErrorId);
        Assert.Equal("SubnetOverlaps", (await RefusalAsync(order)).ErrorId);
        await CreateAsync(order with { PodSubnet = "10.245.0.0/16", FloatingIp = false });
        Assert.Equal("10.245.0.0/16", Cloud.All<Port>().Single().AllowedAddressPairs.Single().IpAddress);
    }

    [Fact]
    public async Task A_lab_keeps_the_addresses_that_it_was_made_with()
    {
        await CreateAsync(Order(1) with { Subnet = "10.80.0.0/16" });
        await CreateAsync(Order(2));
        Assert.Equal(["10.80.1.1", "10.80.1.2"], (await ListAsync()).Select(one => one.Address.ToString()));
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(1) with { Subnet = "10.81.0.0/16" }));
        Assert.Equal("SubnetDiffers", error.ErrorId);
    }

    [Fact]
    public async Task Without_an_external_network_there_is_no_router_but_one_of_your_networks_will_do()
    {
        await Cloud.DeleteAsync<Network>((string)Cloud.Raw<Network>()[0]["id"]!, default);
        Cloud.Add<Network>(new() { ["name"] = "campus" });
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(1)));
        Assert.Equal("ExternalNetworkMissing", error.ErrorId);
        Assert.Contains("-Network", error.NextStep, StringComparison.Ordinal);
        Assert.Equal(1, Cloud.Changes);
        await CreateAsync(Order(1) with { Network = "campus", FloatingIp = false });
    }

    [Fact]
    public async Task An_external_network_is_chosen_where_there_are_several()
    {
        Cloud.Add<Network>(new() { ["name"] = "other", ["router:external"] = true });
        Assert.Equal("ExternalNetworkUnknown", (await RefusalAsync(Order(1) with { ExternalNetwork = "third" })).ErrorId);
        await CreateAsync(Order(1) with { ExternalNetwork = "other" });
        Assert.Equal(Cloud.All<Network>().Single(one => one.Name == "other").Id, Cloud.All<FloatingIp>().Single().FloatingNetworkId);
    }

    [Theory]
    [InlineData("""{"size":22548578304}""", null, "a disk of 21 GiB; it would have 20")]
    [InlineData("""{"size":1,"virtual_size":42949672960}""", null, "a disk of 40 GiB; it would have 20")]
    [InlineData("""{"min_disk":30}""", 25, "a disk of 30 GiB; it would have 25")]
    [InlineData("""{"min_ram":4096}""", 50, "4096 MiB of RAM; the flavor m1.small has 2048")]
    public async Task An_image_that_is_too_large_for_the_flavor_is_refused(string image, int? volume, string said)
    {
        Cloud.Volumes = new();
        var large = (JsonObject)JsonNode.Parse(image)!;
        (large["name"], large["status"]) = ("Large", "active");
        Cloud.Add<Image>(large);
        var error = await RefusalAsync(Order(1) with { Image = "Large", BootVolume = volume });
        Assert.Equal(("FlavorTooSmall", "m1.small"), (error.ErrorId, error.Target));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_may_be_larger_than_the_flavors_disk()
    {
        Cloud.Volumes = new();
        Cloud.Add<Image>(new() { ["name"] = "Large", ["status"] = "active", ["min_disk"] = 30 });
        await CreateAsync(Order(1) with { Image = "Large", BootVolume = 30 });
        Assert.Null(Cloud.Raw<Server>().Single()["imageRef"]);
    }

    [Fact]
    public async Task What_the_cloud_lacks_is_refused()
    {
        Assert.Equal("VolumesMissing", (await RefusalAsync(Order(1) with { BootVolume = 30 })).ErrorId);
        Cloud.Add<AvailabilityZone>(new() { ["zoneName"] = "north", ["zoneState"] = new JsonObject { ["available"] = true } });
        Cloud.Add<AvailabilityZone>(new() { ["zoneName"] = "south", ["zoneState"] = new JsonObject { ["available"] = false } });
        var error = await RefusalAsync(Order(2) with { Zones = ["north", "south"] });
        Assert.Equal(("ZoneUnknown", "south", "Near to it: north."), (error.ErrorId, error.Target, error.NextStep));
    }

    [Theory]
    [InlineData("os_distro", "cirros")]
    [InlineData("os_distro", "windows")]
    [InlineData("os_type", "windows")]
    public async Task An_image_in_which_no_login_can_be_made_is_refused(string key, string value)
    {
        Cloud.Add<Image>(new() { ["name"] = "Other", ["status"] = "active", [key] = value });
        var error = await RefusalAsync(Order(1) with { Image = "Other" });
        Assert.Equal(("ImageUnsuitable", "Other"), (error.ErrorId, error.Target));
        Assert.Contains("cloud-init", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_login_is_the_same_whatever_the_image_calls_its_own()
    {
        Cloud.Add<Image>(new() { ["name"] = "Nameless", ["status"] = "active" });
        Assert.Equal("kubelab", Assert.Single(await CreateAsync(Order(1) with { Image = "Nameless" })).Ssh.User);
    }

    [Fact]
    public async Task Everything_that_is_short_is_said_at_once()
    {
        Cloud.Limits = new() { MaxInstances = 3, MaxCores = -1, MaxRam = 6000, RamUsed = 1000, MaxServerGroups = 10, ServerGroupsUsed = 10 };
        Cloud.Volumes = new() { MaxVolumes = 10, VolumesUsed = 9, MaxGigabytes = 100, GigabytesUsed = 40 };
        foreach (var (name, limit) in new Dictionary<string, int> { ["port"] = 4, ["network"] = 0, ["subnet"] = 0, ["router"] = 0, ["security_group"] = 0, ["security_group_rule"] = 8 })
            Cloud.Quotas[name] = new(limit, 0, 0);
        var error = await RefusalAsync(Order(4) with { BootVolume = 30, ServerGroup = "anti-affinity" });
        Assert.Equal("QuotaShort", error.ErrorId);
        Assert.Equal(
            "instances: 4 wanted, 0 of 3 in use, 1 short; RAM (MiB): 8192 wanted, 1000 of 6000 in use, 3192 short; server groups: 1 wanted, 10 of 10 in use, 1 short; ports: 5 wanted, 0 of 4 in use, 1 short; "
            + "networks: 1 wanted, 0 of 0 in use, 1 short; subnets: 1 wanted, 0 of 0 in use, 1 short; routers: 1 wanted, 0 of 0 in use, 1 short; security groups: 1 wanted, 0 of 0 in use, 1 short; "
            + "security group rules: 9 wanted, 0 of 8 in use, 1 short; volumes: 4 wanted, 9 of 10 in use, 3 short; volumes' GiB: 120 wanted, 40 of 100 in use, 60 short",
            error.Message["lab: the quota does not allow it: ".Length..^". Nothing was made.".Length]);
    }

    [Fact]
    public async Task What_is_there_already_needs_no_quota()
    {
        await CreateAsync(Order(3));
        Cloud.Limits = new() { MaxInstances = 3, InstancesUsed = 3, MaxCores = 6, CoresUsed = 6, MaxRam = 6144, RamUsed = 6144 };
        foreach (var (name, used) in new Dictionary<string, int> { ["port"] = 4, ["floatingip"] = 3, ["network"] = 1, ["subnet"] = 1, ["router"] = 1, ["security_group"] = 1, ["security_group_rule"] = 9 })
            Cloud.Quotas[name] = new(used, used, 0);
        Assert.Equal(3, (await CreateAsync(Order(3))).Count);
    }

    [Fact]
    public async Task A_port_that_cannot_be_made_is_one_machines_trouble()
    {
        await CreateAsync(Order(1));
        var own = Cloud.All<Port>().Single(one => one.Name == "lab-1");
        Cloud.Add<Port>(new() { ["network_id"] = own.NetworkId, ["fixed_ips"] = new JsonArray(new JsonObject { ["subnet_id"] = own.FixedIps[0].SubnetId, ["ip_address"] = "10.77.1.3" }) });
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(4)));
        Assert.Equal(("CloudConflict", "lab-3"), (error.ErrorId, error.Target));
        Assert.Equal(["lab-1", "lab-2", "lab-4"], (await ListAsync()).Select(one => one.Name));
    }

    [Fact]
    public async Task A_network_that_no_router_leads_out_of_has_no_floating_IPs()
    {
        Cloud.Add<Network>(new() { ["name"] = "campus" });
        Cloud.IsIsland = true;
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(1) with { Network = "campus" }));
        Assert.Equal(("FloatingIpMissing", "lab-1"), (error.ErrorId, error.Target));
        Assert.Contains("Connect campus with a router", error.NextStep, StringComparison.Ordinal);
    }
}
