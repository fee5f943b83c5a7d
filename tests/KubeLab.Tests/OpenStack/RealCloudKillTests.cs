using System.Diagnostics;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.OpenStack.Client;
using KubeLab.Tests.Pipeline;
using Xunit.Abstractions;
using static KubeLab.Tests.OpenStack.CloudProject;

namespace KubeLab.Tests.OpenStack;

/// <summary>A process that SIGKILL ends between two requests to a real cloud, and those that come after it.</summary>
[Collection(RealCloudCollection.Name), Trait("Needs", "OpenStack")]
public sealed class RealCloudKillTests(RealCloud real, ITestOutputHelper output)
{
    private const string New = "New-KlVm -Provider OpenStack -Cloud lab -Name kubernetes -Count 2 -Image 'Debian 12' -Flavor m1.small -FloatingIp | ForEach-Object Name";
    private const string Remove = "Get-KlVm -Provider OpenStack | Remove-KlVm -Confirm:$false";

    // What is under way when a process is killed still arrives, the more of it the busier the machine.
    private const int Enough = 4;

    // More than there are changes to make.
    private const int TooMany = 20;

    /// <summary>Each process is killed by the first change that it makes, so that there is one for each state in which the cloud can be.</summary>
    [Fact]
    public async Task Killed_at_each_change_a_run_is_carried_on_and_so_is_its_removal()
    {
        await using var project = await CloudProject.MakeAsync(real);
        var before = await project.SeeAsync();
        await using var gate = await OpenGateAsync(project);

        // Nothing was made when its first request does not arrive.
        Assert.Null(await RunAsync(project, gate, New, killAt: 1, isBefore: true));
        Assert.Empty(Shell.Run("Get-KlVm", project.NewSession()).Good<Machine>());

        var kills = await UntilNoneIsKilledAsync(project, gate, New, ["kubernetes-1", "kubernetes-2"]);
        Assert.InRange(kills, Enough, TooMany);
        var made = await project.SeeAsync();
        Assert.Equal([2, 3, 1, 1, 1, 2, 1, 1, 0], new[] { "server", "port", "network", "subnet", "router", "floating ip", "security group", "keypair", "server group" }
            .Select(kind => More(kind, before, made)));
        var listed = await project.RunAsync("Get-KlVm -Provider OpenStack | ForEach-Object { \"$($_.Name) $($_.State)\" }");
        Assert.Equal((0, "kubernetes-1 Running\nkubernetes-2 Running\n"), (listed.Code, listed.Output));

        kills = await UntilNoneIsKilledAsync(project, gate, Remove, []);
        Assert.InRange(kills, Enough, TooMany);
        Assert.Equal(before, await project.SeeAsync());
    }

    /// <summary>Half-made labs, with the requests of several machines under way when the process ends.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(11)]
    public async Task Killed_at_a_change_what_was_made_is_removed(int change)
    {
        await using var project = await CloudProject.MakeAsync(real);
        var before = await project.SeeAsync();
        await using var gate = await OpenGateAsync(project);

        Assert.Null(await RunAsync(project, gate, New, change));
        await AssertListsAllAsync(project);
        Assert.Empty(Shell.Run("Get-KlVm | Remove-KlVm -Confirm:$false", project.NewSession()).Good<object>());
        Assert.Equal(before, await project.SeeAsync());
    }

    private static async Task<CloudGate> OpenGateAsync(CloudProject project)
    {
        using var clouds = new Clouds(TimeProvider.System) { Files = () => project.Files };
        return await CloudGate.OpenAsync(await clouds.OpenAsync("lab", default));
    }

    /// <summary>How many processes were killed, each by its first change, until one has nothing to change.</summary>
    private async Task<int> UntilNoneIsKilledAsync(CloudProject project, CloudGate gate, string script, string[] says)
    {
        for (var kills = 0; kills <= TooMany; kills++)
        {
            if (await RunAsync(project, gate, script, killAt: 1) is { } end)
            {
                Assert.True(end.Code == 0, end.Error);
                Assert.Equal(says, end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
                return kills;
            }
            await AssertListsAllAsync(project);
        }
        return TooMany + 1;
    }

    /// <summary>Runs a script in a process of its own; null where it was killed.</summary>
    private async Task<ShellExit?> RunAsync(CloudProject project, CloudGate gate, string script, int killAt, bool isBefore = false)
    {
        var started = new TaskCompletionSource<Process>();
        gate.Reset();
        (gate.KillAt, gate.Before, gate.Kill) = (killAt, isBefore, () => started.Task.Result.Kill());
        using var process = project.Start(script, await project.ThroughAsync(gate.Services));
        started.SetResult(process);
        var end = await ShellProcess.EndAsync(process);
        output.WriteLine($"{end.Code}: {string.Join(", ", gate.Changes)}");
        // 128 + SIGKILL.
        return end.Code == 137 ? null : end;
    }

    /// <summary>A new session lists every server, and whatever else a lab has of it.</summary>
    private static async Task AssertListsAllAsync(CloudProject project)
    {
        var machines = Shell.Run("Get-KlVm", project.NewSession()).Good<Machine>();
        using var clouds = new Clouds(TimeProvider.System) { Files = () => project.Files };
        var cloud = await clouds.OpenAsync("lab", default);
        Assert.Equal(machines.Count, machines.DistinctBy(one => one.Name).Count());
        Assert.All(await cloud.ListAsync<Server>(default).Select(one => one.Id).ToListAsync(), id => Assert.Contains(id, machines.Select(one => one.Id)));
        Assert.Equal(await cloud.ListAsync<SecurityGroup>(default).AnyAsync(one => one.Name == "kubelab-kubernetes"), machines.Count > 0);
    }
}
