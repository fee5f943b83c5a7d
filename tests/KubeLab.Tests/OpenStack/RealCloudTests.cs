using KubeLab.Engine;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;
using Xunit.Abstractions;

namespace KubeLab.Tests.OpenStack;

/// <summary>Nova, Neutron, Glance and Keystone themselves; only what a server would do once it runs is a fake.</summary>
[Collection(OpenStackCollection.Name), Trait("Needs", "Lab")]
public sealed class RealCloudTests(OpenStackLab lab, ITestOutputHelper output)
{
    private const string Four = "New-KlVm -Provider OpenStack -Cloud lab -Name kubernetes -Count 4 -Image 'Debian 12' -Flavor m1.small -FloatingIp";

    private LabEngine NewSession(Func<ICloud, ICloud>? through = null)
    {
        var clouds = lab.NewClouds();
        through ??= cloud => cloud;
        ICloud? one = null;
        var provider = new OpenStackProvider(
            async (name, credential, stop) => one ??= through(CloudSession.Of(await clouds.OpenAsync(name, stop, credential))), clouds.Names, lab.Root, TimeProvider.System, TimeSpan.FromSeconds(1));
        return new(FakeHosts.Up(), [provider], TimeProvider.System) { Clouds = clouds };
    }

    [Fact]
    public async Task Four_servers_come_and_go_and_the_project_is_what_it_was()
    {
        var before = await lab.SeeAsync();
        var first = NewSession();
        var made = Shell.Run(Four, first);
        var machines = made.Good<Machine>();
        var cloud = await first.Clouds.OpenAsync("lab", default);
        output.WriteLine($"New-KlVm: {made.Stages[0].Elapsed.TotalSeconds:0.0} s, {cloud.Requests} requests");
        Assert.Equal(4, machines.Count);
        Assert.All(machines, one => Assert.Equal(("Running", "m1.small", "Debian 12"), (one.State, one.Flavor, one.Image)));
        Assert.All(machines, one => Assert.NotNull(one.PublicAddress));
        var between = await lab.SeeAsync();
        output.WriteLine(between);
        foreach (var one in machines)
            Assert.Contains($"{one.Name} ACTIVE", between, StringComparison.Ordinal);

        Assert.Equal(0, Assert.Single(Shell.Run(Four, NewSession()).Stages).Changes);
        Assert.Equal(machines.Select(one => (one.Id, one.Address, one.PublicAddress)).Order(), Shell.Run("Get-KlVm kubernetes", NewSession()).Good<Machine>().Select(one => (one.Id, one.Address, one.PublicAddress)).Order());
        Assert.Equal(["Stopped"], Shell.Run("Stop-KlVm kubernetes-2", NewSession()).Good<Machine>().Select(one => one.State));
        var started = Shell.Run("Get-KlVm kubernetes-2 | Start-KlVm | Wait-KlVm", NewSession());
        foreach (var e in started.Errors) output.WriteLine(e.ToString());
        Assert.Equal(["Running"], started.Good<Machine>().Select(one => one.State));

        var removed = Shell.Run("Get-KlVm kubernetes | Remove-KlVm -Confirm:$false", NewSession());
        removed.Good<object>();
        output.WriteLine($"Remove-KlVm: {removed.Stages[^1].Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(before, await lab.SeeAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(12)]
    public async Task Killed_after_a_request_it_is_completed_without_duplicates_and_removed(int n)
    {
        var before = await lab.SeeAsync();
        var killed = NewSession(cloud => new DyingCloud(cloud, n));
        var died = Shell.Run(Four.Replace("-Count 4", "-Count 2", StringComparison.Ordinal), killed).Errors;
        Assert.All(died, error => Assert.IsType<TimeoutException>(error.Exception));
        Assert.NotEmpty(died);
        Assert.NotEmpty(Shell.Run("Get-KlVm kubernetes", NewSession()).Good<Machine>());

        var machines = Shell.Run(Four.Replace("-Count 4", "-Count 2", StringComparison.Ordinal), NewSession()).Good<Machine>();
        Assert.Equal(["kubernetes-1", "kubernetes-2"], machines.Select(one => one.Name).Order());
        var all = Shell.Run("Get-KlVm", NewSession()).Good<Machine>();
        Assert.Equal(2, all.Count);
        using var clouds = lab.NewClouds();
        var cloud = CloudSession.Of(await clouds.OpenAsync("lab", default));
        Assert.Equal(2, (await cloud.ListAsync<Engine.Machines.OpenStack.Client.Server>(default)).Count);
        Assert.Equal(2, (await cloud.ListAsync<Engine.Machines.OpenStack.Client.FloatingIp>(default)).Count);

        var dying = NewSession(cloud => new DyingCloud(cloud, n));
        Shell.Run("Remove-KlVm kubernetes -Confirm:$false", dying);
        Shell.Run("Get-KlVm | Remove-KlVm -Confirm:$false", NewSession()).Good<object>();
        Assert.Equal(before, await lab.SeeAsync());
    }

    [Fact]
    public void What_the_cloud_does_not_have_is_one_error_whatever_the_number()
    {
        var error = Assert.Single(Shell.Run(Four.Replace("Debian 12", "Debain 12", StringComparison.Ordinal), NewSession()).Errors);
        Assert.StartsWith("ImageUnknown,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        error = Assert.Single(Shell.Run(Four.Replace("-Count 4", "-Count 100", StringComparison.Ordinal), NewSession()).Errors);
        Assert.StartsWith("QuotaShort,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        output.WriteLine(error.ToString());
    }

    [Fact]
    public void What_a_cloud_has_is_completed() => Assert.Contains("'Debian 12'",
        Shell.Run("(TabExpansion2 'New-KlVm x -Cloud lab -Image ' 29).CompletionMatches.CompletionText", NewSession()).Good<string>());
}
