using System.Net;
using KubeLab.Engine;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Lab;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Bootstrap;

/// <summary>What becomes of a machine from here on is told by its record alone: no provider is asked.</summary>
[Collection(LabCollection.Name), Trait("Needs", "Lab")]
public sealed class MachineRecordTests : IAsyncLifetime
{
    private const string Lab = "recordtest";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Shell.Run($"Remove-KlVm {Lab} -Confirm:$false");
        return Task.CompletedTask;
    }

    /// <summary>Containers, entered as cloud-init would have left a server of a cloud: a login of its own with sudo, and no way in for root.</summary>
    [Fact]
    public async Task Machines_of_a_cloud_become_a_cluster_without_the_provider_that_made_them()
    {
        var made = Shell.Run($"New-KlVm {Lab} -Count 2").Good<Machine>();
        Shell.Run("$vm | Invoke-KlVmCommand $script", variables: new Dictionary<string, object?>
        {
            ["vm"] = made,
            ["script"] = $"""
                useradd --create-home --shell /bin/bash --password '*' {CloudInit.User}
                echo '{CloudInit.User} ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-cloud-init-users
                cp -r /root/.ssh /home/{CloudInit.User}/ && chown -R {CloudInit.User}: /home/{CloudInit.User}/.ssh
                echo 'PermitRootLogin no' >/etc/ssh/sshd_config.d/00-cloud.conf && systemctl reload ssh
                """,
        }).Good<object>();
        await using var hosts = new SshHostPool(TimeProvider.System);
        var nobody = new LabEngine(hosts, [], TimeProvider.System);
        var records = made.Select(one => new Machine
        {
            Name = one.Name, Lab = one.Lab, Provider = OpenStackProvider.ProviderName, Id = Guid.NewGuid().ToString(), State = "Running",
            Address = one.Address, PublicAddress = IPAddress.Loopback, ApiEndpoint = one.ApiEndpoint, Ssh = one.Ssh with { User = CloudInit.User },
            Cloud = "nowhere", Flavor = "m1.small", Image = "Debian 12", Created = one.Created, IsContainer = one.IsContainer,
        }).ToList();

        var cluster = Assert.Single(Shell.Run("$vm | Install-KlKubeadm | Initialize-KlCluster | Join-KlNode", nobody, new Dictionary<string, object?> { ["vm"] = records }).Good<KlCluster>());

        Assert.Equal((Lab, $"{Lab}-1", 2), (cluster.Name, cluster.ControlPlane.Name, cluster.ReadyNodes));
        Assert.Equal(records.Single(one => one.Name == $"{Lab}-1").ApiEndpoint, cluster.Server.Authority);
    }
}
