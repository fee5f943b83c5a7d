using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack;

/// <summary>The checks before anything is created.</summary>
public sealed class OpenStackPlanTests : CloudTest
{
    [Theory]
    [InlineData("10.77.0.0/16", "10.77.128.0/17", "SubnetOverlaps", "overlaps the pod subnet 10.77.128.0/17")]
    [InlineData("10.77.0.0", "10.244.0.0/16", "SubnetInvalid", "-Subnet '10.77.0.0'")]
    [InlineData("10.77.1.0/16", "10.244.0.0/16", "SubnetInvalid", "-Subnet '10.77.1.0/16'")]
    [InlineData("2001:db8::/64", "10.244.0.0/16", "SubnetInvalid", "-Subnet '2001:db8::/64'")]
    [InlineData("10.77.0.0/16", "pods", "SubnetInvalid", "-PodSubnet 'pods'")]
    [InlineData("10.77.0.0/28", "10.244.0.0/16", "SubnetTooSmall", "no address for lab-5")]
    [InlineData("203.0.0.0/8", "10.244.0.0/16", "SubnetOverlaps", "the external network's subnet 203.0.113.0/24")]
    [InlineData(null, "10.77.128.0/17", "SubnetOverlaps", "overlaps the machines' subnet 10.77.0.0/16")]
    public async Task Invalid_subnets_are_rejected(string? subnet, string pods, string errorId, string expected)
    {
        Cloud.Add<Subnet>(new() { ["network_id"] = (string)Cloud.Raw<Network>()[0]["id"]!, ["cidr"] = "203.0.113.0/24" });
        var error = await RefusalAsync(Order(5) with { Subnet = subnet, PodSubnet = pods });
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.NextStep);
    }

    [Fact]
    public async Task An_existing_network_provides_the_addresses()
    {
        var campus = (string)Cloud.Add<Network>(new() { ["name"] = "campus" })["id"]!;
        Cloud.Add<Subnet>(new() { ["network_id"] = campus, ["cidr"] = "10.244.3.0/24" });
        var order = Order(1) with { Network = "campus" };
        Assert.Equal("SubnetInvalid", (await RefusalAsync(order with { Subnet = "10.80.0.0/16" })).ErrorId);
        Assert.Equal("SubnetOverlaps", (await RefusalAsync(order)).ErrorId);
        await CreateAsync(order with { PodSubnet = "10.245.0.0/16", FloatingIp = false });
        Assert.Equal("10.245.0.0/16", (string?)Assert.Single(Cloud.Raw<Port>())["allowed_address_pairs"]!.AsArray().Single()!["ip_address"]);
    }

    [Fact]
    public async Task A_lab_keeps_its_subnet()
    {
        await CreateAsync(Order(1) with { Subnet = "10.80.0.0/16" });
        await CreateAsync(Order(2));
        Assert.Equal(["10.80.1.1", "10.80.1.2"], (await ListAsync()).Select(one => one.Address));
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(1) with { Subnet = "10.81.0.0/16" }));
        Assert.Equal("SubnetDiffers", error.ErrorId);
    }

    [Fact]
    public async Task Without_an_external_network_an_existing_network_is_required()
    {
        await Cloud.DeleteAsync<Network>((string)Cloud.Raw<Network>()[0]["id"]!, default);
        Cloud.Add<Network>(new() { ["name"] = "campus" });
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(1)));
        Assert.Equal("ExternalNetworkNotFound", error.ErrorId);
        Assert.Contains("-Network", error.NextStep, StringComparison.Ordinal);
        Assert.Equal(1, Cloud.Changes);
        await CreateAsync(Order(1) with { Network = "campus", FloatingIp = false });
    }

    [Fact]
    public async Task One_of_several_external_networks_must_be_specified()
    {
        Cloud.Add<Network>(new() { ["name"] = "other", ["router:external"] = true });
        Assert.Equal("ExternalNetworkNotFound", (await RefusalAsync(Order(1) with { ExternalNetwork = "third" })).ErrorId);
        await CreateAsync(Order(1) with { ExternalNetwork = "other" });
        Assert.Equal(Cloud.All<Network>().Single(one => one.Name == "other").Id, Cloud.All<FloatingIp>().Single().FloatingNetworkId);
    }

    [Theory]
    [InlineData("""{"size":22548578304}""", null, "a disk of 21 GiB, but the disk has 20")]
    [InlineData("""{"size":1,"virtual_size":42949672960}""", null, "a disk of 40 GiB, but the disk has 20")]
    [InlineData("""{"min_disk":30}""", 25, "a disk of 30 GiB, but the disk has 25")]
    [InlineData("""{"min_ram":4096}""", 50, "4096 MiB of RAM, but the flavor m1.small has 2048 MiB")]
    public async Task An_image_that_is_too_large_for_the_flavor_is_rejected(string image, int? volume, string expected)
    {
        Cloud.Volumes = new();
        var large = (JsonObject)JsonNode.Parse(image)!;
        (large["name"], large["status"]) = ("Large", "active");
        Cloud.Add<Image>(large);
        var error = await RefusalAsync(Order(1) with { Image = "Large", BootVolume = volume });
        Assert.Equal(("FlavorTooSmall", "m1.small"), (error.ErrorId, error.Target));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
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
    public async Task Names_that_the_cloud_does_not_have_are_rejected()
    {
        Assert.Equal("CloudServiceNotFound", (await RefusalAsync(Order(1) with { BootVolume = 30 })).ErrorId);
        Cloud.Add<AvailabilityZone>(new() { ["zoneName"] = "north", ["zoneState"] = new JsonObject { ["available"] = true } });
        Cloud.Add<AvailabilityZone>(new() { ["zoneName"] = "south", ["zoneState"] = new JsonObject { ["available"] = false } });
        var error = await RefusalAsync(Order(2) with { Zones = ["north", "south"] });
        Assert.Equal(("ZoneNotFound", "south", "Similar names: north."), (error.ErrorId, error.Target, error.NextStep));
    }

    [Theory]
    [InlineData("os_distro", "cirros")]
    [InlineData("os_distro", "windows")]
    [InlineData("os_type", "windows")]
    public async Task An_unsuitable_image_is_rejected(string key, string value)
    {
        Cloud.Add<Image>(new() { ["name"] = "Other", ["status"] = "active", [key] = value });
        var error = await RefusalAsync(Order(1) with { Image = "Other" });
        Assert.Equal(("ImageUnsuitable", "Other"), (error.ErrorId, error.Target));
        Assert.Contains("cloud-init", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_user_is_the_same_for_all_images()
    {
        Cloud.Add<Image>(new() { ["name"] = "Nameless", ["status"] = "active" });
        Assert.Equal("kubelab", Assert.Single(await CreateAsync(Order(1) with { Image = "Nameless" })).Ssh.User);
    }

    [Fact]
    public async Task All_quota_shortages_are_reported_at_once()
    {
        Cloud.Limits = new() { MaxInstances = 3, MaxCores = -1, MaxRam = 6000, RamUsed = 1000, MaxServerGroups = 10, ServerGroupsUsed = 10 };
        Cloud.Volumes = new() { MaxVolumes = 10, VolumesUsed = 9, MaxGigabytes = 100, GigabytesUsed = 40 };
        foreach (var (name, limit) in new Dictionary<string,
            int>
        { ["port"] = 4, ["network"] = 0, ["subnet"] = 0, ["router"] = 0, ["security_group"] = 0, ["security_group_rule"] = 8 })
            Cloud.Quotas[name] = new(limit, 0, 0);
        var error = await RefusalAsync(Order(4) with { BootVolume = 30, ServerGroup = "anti-affinity" });
        Assert.Equal("QuotaShort", error.ErrorId);
        Assert.Equal(
            "instances: 4 requested, 0 of 3 in use, 1 missing; RAM (MiB): 8192 requested, 1000 of 6000 in use, 3192 missing; server groups: 1 requested, 10 "
            + "of 10 in use, 1 missing; ports: 5 requested, 0 of 4 in use, 1 missing; "
            + "networks: 1 requested, 0 of 0 in use, 1 missing; subnets: 1 requested, 0 of 0 in use, 1 missing; routers: 1 requested, 0 of 0 in use, 1 "
            + "missing; security groups: 1 requested, 0 of 0 in use, 1 missing; "
            + "security group rules: 9 requested, 0 of 8 in use, 1 missing; volumes: 4 requested, 9 of 10 in use, 3 missing; volume size (GiB): 120 "
            + "requested, 40 of 100 in use, 60 missing",
            error.Message["The quota in lab is exceeded: ".Length..^". Nothing was created.".Length]);
    }

    [Fact]
    public async Task Existing_resources_need_no_quota()
    {
        await CreateAsync(Order(3));
        Cloud.Limits = new() { MaxInstances = 3, InstancesUsed = 3, MaxCores = 6, CoresUsed = 6, MaxRam = 6144, RamUsed = 6144 };
        foreach (var (name, used) in new Dictionary<string,
            int>
        { ["port"] = 4, ["floatingip"] = 3, ["network"] = 1, ["subnet"] = 1, ["router"] = 1, ["security_group"] = 1, ["security_group_rule"] = 9 })
            Cloud.Quotas[name] = new(used, used, 0);
        Assert.Equal(3, (await CreateAsync(Order(3))).Count);
    }

    [Fact]
    public async Task A_port_that_cannot_be_created_affects_only_its_machine()
    {
        await CreateAsync(Order(1));
        var own = Cloud.All<Port>().Single(one => one.Name == "lab-1");
        Cloud.Add<Port>(new()
        {
            ["network_id"] = own.NetworkId,
            ["fixed_ips"] = new JsonArray(new JsonObject { ["subnet_id"] = own.FixedIps[0].SubnetId, ["ip_address"] = "10.77.1.3" })
        });
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(4)));
        Assert.Equal(("CloudConflict", "lab-3"), (error.ErrorId, error.Target));
        Assert.Equal(["lab-1", "lab-2", "lab-4"], (await ListAsync()).Select(one => one.Name));
    }

    [Fact]
    public async Task A_network_without_a_router_has_no_floating_IPs()
    {
        Cloud.Add<Network>(new() { ["name"] = "campus" });
        Cloud.IsIsland = true;
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(1) with { Network = "campus" }));
        Assert.Equal(("FloatingIpNotAssigned", "lab-1"), (error.ErrorId, error.Target));
        Assert.Contains("Connect campus with a router", error.NextStep, StringComparison.Ordinal);
    }
}
