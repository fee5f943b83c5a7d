using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Flow;

namespace KubeLab.Tests.OpenStack;

/// <summary>Machines that cannot be created, or only partly.</summary>
public sealed class OpenStackRefusalTests : CloudTest
{

    [Fact]
    public async Task A_server_in_ERROR_is_reported_with_Novas_message_and_the_others_continue()
    {
        Cloud.Faults["lab-2"] = "No valid host was found.";
        var provider = Provider();
        var order = Order(3);
        var outcomes = await Fleet.RunAsync(order.Machines, (name, stop) =>
            provider.CreateAsync(new OpenStackMachineSpec("lab", name, order), Heard, stop), 16, default).ToListAsync();
        var error = Assert.IsType<KlException>(Assert.Single(outcomes, one => one.Error is not null).Error);
        Assert.Equal(("ServerFailed", "lab-2"), (error.ErrorId, error.Target));
        Assert.Contains("No valid host was found.", error.Message, StringComparison.Ordinal);
        Assert.Equal(["Running", "Error", "Running"], (await ListAsync()).Select(one => one.State));
        await RemoveAsync(await ListAsync());
        Assert.Empty(Cloud.All<Server>());
    }

    [Fact]
    public async Task A_foreign_server_with_the_name_is_not_changed()
    {
        Cloud.Add<Server>(new() { ["name"] = "lab-2", ["status"] = "ACTIVE" });
        var error = await RefusalAsync(Order(2));
        Assert.Equal(("NameTaken", "lab-2"), (error.ErrorId, error.Target));
        Assert.Equal("lab-2", Assert.Single(Cloud.All<Server>()).Name);
    }

    [Fact]
    public async Task A_quota_shortage_is_reported_before_anything_is_created()
    {
        Cloud.Limits = new() { MaxInstances = 10, InstancesUsed = 8, MaxCores = 20, CoresUsed = 16, MaxRam = -1 };
        Cloud.Quotas["floatingip"] = new(3, 1, 1);
        var error = await RefusalAsync(Order(4));
        Assert.Equal("QuotaShort", error.ErrorId);
        Assert.Contains("instances: 4 requested, 8 of 10 in use, 2 missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("cores: 8 requested, 16 of 20 in use, 4 missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("floating IPs: 4 requested, 2 of 3 in use, 3 missing", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("RAM", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_order_is_rejected_before_anything_is_created()
    {
        var order = Order(1);
        Assert.Equal(("ImageNotFound", "Similar names: Debian 12."), await ErrorAsync(order with { Image = "Debain 12" }));
        Assert.Equal(("ImageNotFound", "Similar names: Debian 12."), await ErrorAsync(order with { Image = "Debian 13" }));
        Assert.Equal(("FlavorNotFound", "Similar names: m1.tiny, m1.small."), await ErrorAsync(order with { Flavor = "m1.tine" }));
        Assert.Equal("FlavorTooSmall", (await RefusalAsync(order with { Flavor = "m1.tiny" })).ErrorId);
        Assert.Equal("NetworkNotFound", (await RefusalAsync(order with { Network = "none" })).ErrorId);
        Assert.Equal("KeyPairNotFound", (await RefusalAsync(order with { KeyName = "none" })).ErrorId);
        Assert.Equal("SubnetInvalid", (await RefusalAsync(order with { Subnet = "10.0.0.0" })).ErrorId);
        Cloud.Add<Image>(new() { ["name"] = "Debian 12", ["status"] = "active" });
        Assert.Equal("ImageAmbiguous", (await RefusalAsync(order)).ErrorId);
        Cloud.Add<Network>(new() { ["name"] = "other", ["router:external"] = true });
        var error = await RefusalAsync(order with { Image = "images-1" });
        Assert.Equal("ExternalNetworkAmbiguous", error.ErrorId);
        Assert.Contains("public, other", error.Message, StringComparison.Ordinal);

        async Task<(string, string?)> ErrorAsync(OpenStackOrder order) => await RefusalAsync(order) is { } error ? (error.ErrorId, error.NextStep) : default;
    }

    [Fact]
    public async Task An_empty_pool_is_reported_and_the_created_resources_can_be_removed()
    {
        var before = Cloud.Everything;
        Cloud.PoolIsEmpty = true;
        var error = await Assert.ThrowsAsync<KlException>(() => CreateAsync(Order(1)));
        Assert.Equal(("FloatingIpNotAssigned", "lab-1"), (error.ErrorId, error.Target));
        await RemoveAsync(await ListAsync());
        Assert.Equal(before, Cloud.Everything);
    }

    /// <summary>Compute API 2.69, "Handling Down Cells".</summary>
    [Fact]
    public async Task Servers_hidden_by_a_down_cell_are_awaited_and_never_treated_as_deleted()
    {
        var machine = Assert.Single(await CreateAsync(Order(1)));
        var server = Assert.Single(Cloud.Raw<Server>());
        var (name, metadata) = (server["name"], server["metadata"]);
        (server["status"], server["name"], server["metadata"]) = ("UNKNOWN", null, null);
        var lists = Cloud.Lists;
        var listed = ListAsync();
        await Wait.UntilAsync(_ => Task.FromResult(Cloud.Lists), seen => seen > lists + 10 ? Verdict.Ready
            : Verdict.Pending(""), new("", "", TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1)), TimeProvider.System, default);
        Assert.False(listed.IsCompleted);
        (server["status"], server["name"], server["metadata"]) = ("ACTIVE", name, metadata);
        Assert.Equal([machine], await listed);

        (server["status"], server["name"], server["metadata"]) = ("UNKNOWN", null, null);
        var changes = Cloud.Changes;
        var patient = new OpenStackProvider((_, _, _) => Task.FromResult<ICloud>(Cloud), () => ["lab"], Root, new QuickClock(), TimeSpan.FromSeconds(1));
        Assert.Equal("CloudListTimeout", (await Assert.ThrowsAsync<KlException>(() => patient.DeleteAsync(machine, Heard, default))).ErrorId);
        Assert.Equal(changes, Cloud.Changes);
    }

    [Fact]
    public async Task A_cloud_with_local_labs_must_respond_and_others_are_skipped()
    {
        OpenStackProvider Silent() => new((_, _, _) => throw new KlException("CloudUnreachable", KlErrorKind.Unreachable, "lab", "no answer"), () =>
            ["lab"], Root, TimeProvider.System, TimeSpan.Zero);
        Assert.Empty(await Silent().ListAsync(null, default).ToListAsync());
        await CreateAsync(Order(1));
        Assert.Equal("CloudUnreachable", (await Assert.ThrowsAsync<KlException>(async () => await Silent().ListAsync(null, default).ToListAsync())).ErrorId);
    }
}
