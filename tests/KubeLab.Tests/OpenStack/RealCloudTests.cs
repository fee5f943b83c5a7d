using KubeLab.Tests.OpenStack.Client;
using KubeLab.Tests.Pipeline;
using KubeLab.Tests.Remote;
using Xunit.Abstractions;
using static KubeLab.Tests.OpenStack.CloudProject;

namespace KubeLab.Tests.OpenStack;

/// <summary>Tests with the real Nova, Neutron, Glance and Keystone. Only the running servers are fakes.</summary>
[Collection(RealCloudCollection.Name), Trait("Needs", "OpenStack")]
public sealed class RealCloudTests(RealCloud real, ITestOutputHelper output)
{
    private const string Four = "New-KlVm -Provider OpenStack -Cloud lab -Name kubernetes -Count 4 -Image 'Debian 12' -Flavor m1.small -FloatingIp";

    [Fact]
    public async Task Four_servers_are_created_and_deleted_and_the_project_is_restored()
    {
        await using var project = await CloudProject.CreateAsync(real);
        var before = await project.ResourcesAsync();
        var first = project.NewSession();
        var made = Shell.Run(Four, first);
        var machines = made.Good<Machine>().OrderBy(one => one.Name).ToList();
        output.WriteLine($"New-KlVm: {made.Stages[0].Elapsed.TotalSeconds:0.0} s, {(await first.Clouds.OpenAsync("lab", default)).Requests} requests");
        Assert.Equal(["kubernetes-1", "kubernetes-2", "kubernetes-3", "kubernetes-4"], machines.Select(one => one.Name));
        Assert.All(machines, one =>
            Assert.Equal(("OpenStack", "lab", "Running", "m1.small", "Debian 12"), (one.Provider, one.Location, one.State, one.Size, one.Image)));

        var between = await project.ResourcesAsync();
        Assert.Equal([4, 5, 1, 1, 1, 4, 1, 1, 0], new[] { "server", "port", "network", "subnet", "router", "floating ip",
            "security group", "keypair", "server group" }
            .Select(kind => More(kind, before, between)));
        Assert.All(machines, one =>
        {
            var server = Assert.Single(between, line => line.StartsWith("server:", StringComparison.Ordinal)
                && line.Contains(one.Id, StringComparison.Ordinal));
            Assert.All(new[] { "\"ACTIVE\"", $"\"{one.Address}\"", $"\"{one.PublicAddress}\"", "\"m1.small\"" }, part =>
                Assert.Contains(part, server, StringComparison.Ordinal));
        });

        var again = Shell.Run("Get-KlVm kubernetes", project.NewSession()).Good<Machine>();
        Assert.Equal(machines, again);
        Assert.Equal(0, Assert.Single(Shell.Run(Four, project.NewSession()).Stages).Changes);

        // Existing machines are not created again.
        var removed = Shell.Run($"{Four} | Remove-KlVm -Confirm:$false", project.NewSession());
        Assert.Empty(removed.Good<object>());
        output.WriteLine($"Remove-KlVm: {removed.Stages[^1].Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(before, await project.ResourcesAsync());
    }

    [Fact]
    public async Task Servers_are_stopped_started_and_restarted()
    {
        await using var project = await CloudProject.CreateAsync(real);
        Shell.Run(Four.Replace("-Count 4", "-Count 2", StringComparison.Ordinal), project.NewSession()).Good<Machine>();

        Assert.Equal(["Stopped"], States(project, "Stop-KlVm kubernetes-2"));
        Assert.Equal(["Running", "Stopped"], States(project, "Get-KlVm kubernetes"));
        Assert.Equal(0, Assert.Single(Shell.Run("Stop-KlVm kubernetes-2", project.NewSession()).Stages).Changes);
        Assert.Equal(["Running", "Running"], States(project, "Get-KlVm kubernetes | Restart-KlVm | Wait-KlVm"));
        Assert.Equal(["Stopped", "Stopped"], States(project, "Get-KlVm kubernetes | Stop-KlVm"));
        Assert.Equal(["Running", "Running"], States(project, "Start-KlVm kubernetes"));
        Assert.Equal(["Running", "Running"], States(project, "Get-KlVm kubernetes"));
        Assert.Equal(["Stopped"], States(project, "Stop-KlVm kubernetes-1"));
        // The pipeline that created a stopped machine starts it.
        Assert.Equal(["Running", "Running"], States(project, Four.Replace("-Count 4", "-Count 2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Connect_KlVm_connects_to_a_servers_floating_IP_with_the_labs_key()
    {
        await using var project = await CloudProject.CreateAsync(real);
        var machine = Shell.Run(Four.Replace("-Count 4", "-Count 2", StringComparison.Ordinal), project.NewSession())
            .Good<Machine>().Single(one => one.Name == "kubernetes-2");
        // No server of this cloud accepts logins, so a fake ssh shows its arguments.
        var programs = Directory.CreateDirectory(Path.Combine(project.Root, "bin")).FullName;
        await File.WriteAllTextAsync(Path.Combine(programs, "ssh"), "#!/bin/sh\nprintf '%s ' \"$@\"\necho\nexit 3\n");
        await Sshd.RunAsync("chmod", "700", Path.Combine(programs, "ssh"));

        var end = await project.RunAsync("Connect-KlVm kubernetes-2 -ArgumentList '-t', htop; \"code $LASTEXITCODE\"", programs);

        var keys = Path.Combine(project.Root, "kubelab", ".openstack", "lab", "kubernetes");
        Assert.Equal((0,
            $"-t -p 22 -l kubelab -i {keys}/id_ed25519 -o IdentitiesOnly=yes -o UserKnownHostsFile=\"{keys}/known_hosts\" -o StrictHostKeyChecking=yes "
            + $"-o HostKeyAlias=kubernetes-2 {machine.PublicAddress} htop \ncode 3\n"), (end.Code, end.Output));
        Assert.Contains("kubernetes-2 ssh-ed25519 ", await File.ReadAllTextAsync(Path.Combine(keys, "known_hosts")), StringComparison.Ordinal);
    }

    private static IEnumerable<string> States(CloudProject project, string script) =>
        Shell.Run(script, project.NewSession()).Good<Machine>().OrderBy(one => one.Name).Select(one => one.State);
}
