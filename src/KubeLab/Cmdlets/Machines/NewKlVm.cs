using System.Management.Automation;
using System.Net;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.Ssh;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Creates machines as Docker containers or OpenStack servers, or registers hosts that you own.</summary>
/// <remarks>The machines are named NAME-1 to NAME-Count. Existing machines are started if necessary and returned unchanged. A container or host is
/// written when it answers over SSH, a server when it is ACTIVE; a cmdlet that uses the server waits until it has booted.
/// OpenStack clouds must be configured in clouds.yaml; see Get-KlCloud.</remarks>
/// <example>Create four machines for a lab named kubernetes: kubernetes-1 to kubernetes-4
/// <code>New-KlVm -Name kubernetes -Count 4</code></example>
/// <example>Create two machines with Debian 13
/// <code>New-KlVm trixie -Count 2 -Image debian:13</code></example>
/// <example>Create a cluster with two nodes
/// <code>New-KlVm demo -Count 2 | Install-KlKubeadm | Initialize-KlCluster | Join-KlNode</code></example>
/// <example>Register two hosts that you own as rack-1 and rack-2; omitted settings are read from ~/.ssh/config
/// <code>New-KlVm rack -HostName 192.168.1.10, nas.example.org -User root -KeyFile ~/.ssh/id_ed25519</code></example>
/// <example>Create four servers on a private network, each with a floating IP
/// <code>New-KlVm kubernetes -Count 4 -Provider OpenStack -Cloud lab -Image 'Debian 12' -Flavor m1.small -FloatingIp</code></example>
[Cmdlet(VerbsCommon.New, "KlVm", SupportsShouldProcess = true, DefaultParameterSetName = Docker)]
[OutputType(typeof(Machine))]
public sealed class NewKlVm : KlCmdlet
{
    private const string Docker = "Docker", Ssh = "Ssh", OpenStack = "OpenStack";

    // Containers share the resources of this computer; servers do not.
    private const int MaxParallel = 16, MaxParallelServers = 64;

    /// <summary>The name of the lab and the prefix of its machines' names. It must be a DNS label: lowercase letters, digits and hyphens.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Name { get; set; } = "";

    /// <summary>Minimum number of machines in the lab. Default: 1. Additional machines are not changed.</summary>
    [Parameter(ParameterSetName = Docker)]
    [Parameter(ParameterSetName = OpenStack)]
    [ValidateRange(1, 250)]
    public int Count { get; set; } = 1;

    /// <summary>The provider of the machines. Default: OpenStack with -Flavor, Ssh with -HostName, otherwise Docker.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>Hosts that you own: host names, addresses or aliases from ~/.ssh/config. A host that the lab already contains keeps its number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Ssh)]
    public string[] HostName { get; set; } = [];

    /// <summary>The login name on the hosts: root, or a user with passwordless sudo.</summary>
    [Parameter(ParameterSetName = Ssh)]
    public string? User { get; set; }

    /// <summary>The SSH port of the hosts.</summary>
    [Parameter(ParameterSetName = Ssh)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Path of the private key for the hosts.</summary>
    [Parameter(ParameterSetName = Ssh)]
    [Alias("IdentityFile")]
    public string? KeyFile { get; set; }

    /// <summary>User name and password for hosts that do not accept a key, or for a cloud instead of those in clouds.yaml.
    /// They are kept for this session only.</summary>
    [Parameter(ParameterSetName = Ssh)]
    [Parameter(ParameterSetName = OpenStack)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The addresses that the hosts use among each other, in the order of -HostName. Default: the source addresses of their default routes.</summary>
    [Parameter(ParameterSetName = Ssh)]
    public IPAddress[] Address { get; set; } = [];

    /// <summary>The name of the cloud in clouds.yaml. Default: OS_CLOUD, the OS_ variables, or the only configured cloud.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    [ArgumentCompleter(typeof(CloudCompleter))]
    public string? Cloud { get; set; }

    /// <summary>With Docker, a Debian or Ubuntu image, such as debian:13 or ubuntu:24.04. Default: the image of the lab's other machines, otherwise debian:12.
    /// With OpenStack, the name or ID of an image that contains cloud-init.</summary>
    [Parameter(ParameterSetName = Docker)]
    [Parameter(Mandatory = true, ParameterSetName = OpenStack)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string Image { get; set; } = "";

    /// <summary>Creates the machines without Kubernetes, also if an image with Kubernetes was prepared; see Get-KlMachineImage.</summary>
    [Parameter(ParameterSetName = Docker)]
    public SwitchParameter NoCache { get; set; }

    /// <summary>Name or ID of the flavor.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OpenStack)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string Flavor { get; set; } = "";

    /// <summary>Name or ID of an existing network. Default: a new network for the lab, with a router to the external network.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string? Network { get; set; }

    /// <summary>Name or ID of the external network. Required if the cloud has more than one.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string? ExternalNetwork { get; set; }

    /// <summary>Assigns a floating IP to each machine: an unassociated one of the project, or a new one. If omitted, machines are reached at their
    /// private addresses.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    public SwitchParameter FloatingIp { get; set; }

    /// <summary>Boots from a new volume of this size in GiB. The volume is deleted with the machine.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    [ValidateRange(1, 16384)]
    public int? BootVolumeGB { get; set; }

    /// <summary>Creates the machines in a server group with this policy.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    [ValidateSet("anti-affinity", "soft-anti-affinity", "affinity", "soft-affinity")]
    public string? ServerGroup { get; set; }

    /// <summary>Availability zones. The machines are distributed among them in turn.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string[] AvailabilityZone { get; set; } = [];

    /// <summary>The name of a key pair for the image's default user. KubeLab itself uses the lab's key.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string? KeyName { get; set; }

    /// <summary>The subnet of the lab's network. Default: the existing subnet, otherwise 10.77.0.0/16.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    public string? Subnet { get; set; }

    /// <summary>The subnet of the pods, which machines are permitted to send from. Must match the -PodSubnet of Initialize-KlCluster. Default:
    /// 10.244.0.0/16.</summary>
    [Parameter(ParameterSetName = OpenStack)]
    public string PodSubnet { get; set; } = "10.244.0.0/16";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == Ssh)
        {
            var key = KeyFile is null ? null : GetUnresolvedProviderPathFromPSPath(KeyFile);
            var hosts = HostName.Where(host => ShouldProcess(host, "New-KlVm")).ToList();
            if (hosts.Count > 0)
                Start(Name, (events, stop) => WriteAsync(Engine.CreateMachinesAsync(Name, Provider ?? Ssh,
                    async provider => Specs(hosts, key, await provider.ListAsync(Name, stop).ToListAsync(stop)), MaxParallel, events, stop)));
            return;
        }
        var numbers = Enumerable.Range(1, Count).Where(n => ShouldProcess($"{Name}-{n}", "New-KlVm")).ToList();
        if (numbers.Count == 0)
            return;
        if (ParameterSetName == OpenStack)
            Start(Name, (events, stop) => WriteAsync(Engine.CreateMachinesAsync(Name, Provider ?? OpenStackProvider.ProviderName,
                _ => Task.FromResult(Specs(numbers)), MaxParallelServers, events, stop)));
        else
            Start(Name, (events, stop) => WriteAsync(Engine.CreateMachinesAsync(Name, Provider, async provider =>
            {
                // An unavailable provider is reported once here, not once for each machine.
                await provider.ListAsync(Name, stop).ToListAsync(stop);
                return numbers.ConvertAll(n => new DockerMachineSpec(Name, LabName.Machine(Name, n), Image.Length > 0 ? Image : null, NoCache));
            }, MaxParallel, events, stop)));
    }

    private async Task WriteAsync(IAsyncEnumerable<(string Name, Machine? Machine, Exception? Error)> created)
    {
        await foreach (var (name, machine, error) in created)
            if (error is null)
                Write(machine);
            else
                Fail(name, error);
    }

    private List<OpenStackMachineSpec> Specs(List<int> numbers)
    {
        var names = numbers.ConvertAll(n => LabName.Machine(Name, n));
        var order = new OpenStackOrder(names, Image, Flavor)
        {
            Cloud = Cloud, Credential = Credential?.GetNetworkCredential(), Network = Network, ExternalNetwork = ExternalNetwork, FloatingIp = FloatingIp,
            BootVolume = BootVolumeGB, ServerGroup = ServerGroup, Zones = AvailabilityZone, KeyName = KeyName, Subnet = Subnet, PodSubnet = PodSubnet,
        };
        return names.ConvertAll(name => new OpenStackMachineSpec(Name, name, order));
    }

    private List<SshMachineSpec> Specs(List<string> hosts, string? key, List<Machine> known)
    {
        var free = new Queue<string>(Enumerable.Range(1, known.Count + hosts.Count).Select(n => LabName.Machine(Name, n))
            .Except(known.Select(machine => machine.Name)));
        return [.. hosts.Select((host, i) => new SshMachineSpec(Name,
            known.FirstOrDefault(machine => machine.Id == host && (Port is null || machine.Ssh.Port == Port))?.Name ?? free.Dequeue(), host)
        {
            User = Credential?.UserName ?? User,
            Port = Port,
            IdentityFile = key,
            Password = Credential?.GetNetworkCredential(),
            Address = i < Address.Length ? Address[i] : null,
        })];
    }
}
