using System.Diagnostics;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.OpenStack.Client;
using KubeLab.Tests.Pipeline;
using Xunit.Abstractions;
using static KubeLab.Tests.OpenStack.CloudProject;

namespace KubeLab.Tests.OpenStack;

/// <summary>Processes that are killed between two requests to a real cloud, and the processes that follow.</summary>
[Collection(RealCloudCollection.Name), Trait("Needs", "OpenStack")]
public sealed class RealCloudKillTests(RealCloud real, ITestOutputHelper output)
{
    private const string New =
        "New-KlVm -Provider OpenStack -Cloud lab -Name kubernetes -Count 2 -Image 'Debian 12' -Flavor m1.small -FloatingIp | ForEach-Object Name";
    private const string Remove = "Get-KlVm -Provider OpenStack | Remove-KlVm -Confirm:$false";

    // Requests in progress still arrive after a process is killed, more of them on a busy computer.
    private const int Enough = 4;

    // More than the number of changes.
    private const int TooMany = 20;

    /// <summary>Each process is killed at its first change, so that every state of the cloud is the start of one process.</summary>
    [Fact]
    public async Task A_run_killed_at_each_change_is_continued_and_so_is_its_removal()
    {
        await using var project = await CloudProject.CreateAsync(real);
        var before = await project.ResourcesAsync();
        await using var gate = await OpenGateAsync(project);

        // If the first request does not arrive, nothing is created.
        Assert.Null(await RunAsync(project, gate, New, killAt: 1, isBefore: true));
        Assert.Empty(Shell.Run("Get-KlVm", project.NewSession()).Good<Machine>());

        var kills = await UntilNoneIsKilledAsync(project, gate, New, ["kubernetes-1", "kubernetes-2"]);
        Assert.InRange(kills, Enough, TooMany);
        var made = await project.ResourcesAsync();
        Assert.Equal([2, 3, 1, 1, 1, 2, 1, 1, 0], new[] { "server", "port", "network", "subnet", "router", "floating ip",
            "security group", "keypair", "server group" }
            .Select(kind => More(kind, before, made)));
        var listed = await project.RunAsync("Get-KlVm -Provider OpenStack | ForEach-Object { \"$($_.Name) $($_.State)\" }");
        Assert.Equal((0, "kubernetes-1 Running\nkubernetes-2 Running\n"), (listed.Code, listed.Output));

        kills = await UntilNoneIsKilledAsync(project, gate, Remove, []);
        Assert.InRange(kills, Enough, TooMany);
        Assert.Equal(before, await project.ResourcesAsync());
    }

    /// <summary>Incomplete labs whose process is killed during the requests of several machines.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(11)]
    public async Task Resources_of_a_run_killed_at_a_change_are_removed(int change)
    {
        await using var project = await CloudProject.CreateAsync(real);
        var before = await project.ResourcesAsync();
        await using var gate = await OpenGateAsync(project);

        Assert.Null(await RunAsync(project, gate, New, change));
        await AssertListsAllAsync(project);
        Assert.Empty(Shell.Run("Get-KlVm | Remove-KlVm -Confirm:$false", project.NewSession()).Good<object>());
        Assert.Equal(before, await project.ResourcesAsync());
    }

    private static async Task<CloudGate> OpenGateAsync(CloudProject project)
    {
        using var clouds = new Clouds(TimeProvider.System) { Files = () => project.Files };
        return await CloudGate.OpenAsync(await clouds.OpenAsync("lab", default));
    }

    /// <summary>Kills processes at their first change until one has nothing to change, and returns their number.</summary>
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

    /// <summary>Runs a script in its own process. Null if it was killed.</summary>
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

    /// <summary>A new session lists every server, and any other resource of a lab.</summary>
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
