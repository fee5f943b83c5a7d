using System.Management.Automation;
using System.Net;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.Ssh;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Makes machines, containers of the local Docker engine by default or servers of an OpenStack cloud, or takes hosts you own as machines. Those that are there already are started if need be and returned as they are.</summary>
/// <remarks>Machines are called NAME-1 to NAME-Count, one alone NAME-1. Each is written as soon as it answers over SSH;
/// a server as soon as it is ACTIVE, and whoever needs it first waits until it has booted. The cloud needs to be in clouds.yaml, see Get-KlCloud.</remarks>
/// <example><summary>Four machines of a lab called kubernetes: kubernetes-1 to kubernetes-4.</summary><code>New-KlVm -Name kubernetes -Count 4</code></example>
/// <example><summary>Two machines with Debian 13, in place of Debian 12.</summary><code>New-KlVm trixie -Count 2 -Image debian:13</code></example>
/// <example><summary>A cluster of two nodes.</summary><code>New-KlVm demo -Count 2 | Install-KlKubeadm | Initialize-KlCluster | Join-KlNode</code></example>
/// <example><summary>Two hosts you own, as rack-1 and rack-2; what is not given is looked up in ~/.ssh/config.</summary><code>New-KlVm rack -HostName 192.168.1.10, nas.example.org -User root -KeyFile ~/.ssh/id_ed25519</code></example>
/// <example><summary>Four servers on a private network of their own, each with a public address.</summary><code>New-KlVm kubernetes -Count 4 -Provider OpenStack -Cloud lab -Image 'Debian 12' -Flavor m1.small -FloatingIp</code></example>
[Cmdlet(VerbsCommon.New, "KlVm", SupportsShouldProcess = true, DefaultParameterSetName = Made)]
[OutputType(typeof(Machine))]
public sealed class NewKlVm : KlCmdlet
{
    private const string Made = "Made", Owned = "Owned", Rented = "Rented";

    // Containers share this computer; servers only its patience.
    private const int AtOnce = 16, ServersAtOnce = 64;

    /// <summary>The lab, and with -1, -2, ... the machines. A DNS label: small letters, digits and hyphens.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Name { get; set; } = "";

    /// <summary>How many machines the lab needs to have. Default: 1. Machines beyond it are left alone.</summary>
    [Parameter(ParameterSetName = Made)]
    [Parameter(ParameterSetName = Rented)]
    [ValidateRange(1, 250)]
    public int Count { get; set; } = 1;

    /// <summary>Where the machines come from. Default: OpenStack with -Flavor, Ssh with -HostName, otherwise Docker.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>Hosts you own: names, addresses, or what ~/.ssh/config calls them. One that the lab has already keeps its number.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Owned)]
    public string[] HostName { get; set; } = [];

    /// <summary>Their login: root, or one that has sudo without a password.</summary>
    [Parameter(ParameterSetName = Owned)]
    public string? User { get; set; }

    /// <summary>Their SSH port.</summary>
    [Parameter(ParameterSetName = Owned)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The private key that opens them.</summary>
    [Parameter(ParameterSetName = Owned)]
    [Alias("IdentityFile")]
    public string? KeyFile { get; set; }

    /// <summary>Login and password, for hosts that take no key, or for a cloud in place of what clouds.yaml has; kept for this session alone.</summary>
    [Parameter(ParameterSetName = Owned)]
    [Parameter(ParameterSetName = Rented)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Their addresses among each other, one for each host in the same order; without them, the source addresses of their default routes.</summary>
    [Parameter(ParameterSetName = Owned)]
    public IPAddress[] Address { get; set; } = [];

    /// <summary>The cloud, as clouds.yaml calls it. Without it OS_CLOUD, the OS_* variables, or the only one there is.</summary>
    [Parameter(ParameterSetName = Rented)]
    [ArgumentCompleter(typeof(CloudCompleter))]
    public string? Cloud { get; set; }

    /// <summary>With Docker the image of Debian or Ubuntu that the machines are made of, such as debian:13 or ubuntu:24.04. Default: that of the lab's other machines, or debian:12.
    /// With OpenStack the name or id of an image with cloud-init, as almost all are.</summary>
    [Parameter(ParameterSetName = Made)]
    [Parameter(Mandatory = true, ParameterSetName = Rented)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string Image { get; set; } = "";

    /// <summary>Name or id of the flavor: cores, memory and disk.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Rented)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string Flavor { get; set; } = "";

    /// <summary>Name or id of a network that exists. Without it the lab gets one of its own, with a router to the external network.</summary>
    [Parameter(ParameterSetName = Rented)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string? Network { get; set; }

    /// <summary>Name or id of the network that leads out; needed where the cloud has several.</summary>
    [Parameter(ParameterSetName = Rented)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string? ExternalNetwork { get; set; }

    /// <summary>Gives each machine a public address: one of the project's that leads nowhere, or a new one. Without it machines are reached at their private addresses.</summary>
    [Parameter(ParameterSetName = Rented)]
    public SwitchParameter FloatingIp { get; set; }

    /// <summary>Boots from a new volume of so many GiB, which goes with the machine.</summary>
    [Parameter(ParameterSetName = Rented)]
    [ValidateRange(1, 16384)]
    public int? BootVolumeGB { get; set; }

    /// <summary>Puts the machines into a server group of this policy, on hosts of the cloud that are apart or the same.</summary>
    [Parameter(ParameterSetName = Rented)]
    [ValidateSet("anti-affinity", "soft-anti-affinity", "affinity", "soft-affinity")]
    public string? ServerGroup { get; set; }

    /// <summary>Availability zones; the machines take turns among them.</summary>
    [Parameter(ParameterSetName = Rented)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string[] AvailabilityZone { get; set; } = [];

    /// <summary>A key pair of yours for the image's own login. KubeLab itself uses the lab's key.</summary>
    [Parameter(ParameterSetName = Rented)]
    [ArgumentCompleter(typeof(CloudResourceCompleter))]
    public string? KeyName { get; set; }

    /// <summary>The addresses of the lab's own network; 10.77.0.0/16, or those it has already, where it is not given.</summary>
    [Parameter(ParameterSetName = Rented)]
    public string? Subnet { get; set; }

    /// <summary>The addresses that pods will have, which machines may send from. Needed where Initialize-KlCluster is given others than its own choice.</summary>
    [Parameter(ParameterSetName = Rented)]
    public string PodSubnet { get; set; } = "10.244.0.0/16";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == Owned)
        {
            var key = KeyFile is null ? null : GetUnresolvedProviderPathFromPSPath(KeyFile);
            var hosts = HostName.Where(host => ShouldProcess(host, "New-KlVm")).ToList();
            if (hosts.Count > 0)
                Start(Name, (events, stop) => MakeAsync(Engine.Provider(Provider ?? "Ssh"), known => Specs(hosts, key, known), events, stop));
        }
        else
        {
            var numbers = Enumerable.Range(1, Count).Where(n => ShouldProcess($"{Name}-{n}", "New-KlVm")).ToList();
            if (numbers.Count > 0)
                Start(Name, (events, stop) => MakeAsync(Engine.Provider(Provider ?? (ParameterSetName == Rented ? OpenStackProvider.ProviderName : null)), _ => Specs(numbers), events, stop));
        }
    }

    private async Task MakeAsync(IMachineProvider provider, Func<IReadOnlyList<Machine>, IReadOnlyList<MachineSpec>> specs, IProgress<LabEvent> events, CancellationToken stop)
    {
        // A provider that does not answer says so here, once and not for each machine; a cloud does when it is opened.
        var known = ParameterSetName == Rented ? [] : await provider.ListAsync(Name, stop).ToListAsync(stop);
        var told = new HashSet<Exception>(ReferenceEqualityComparer.Instance);
        await foreach (var (spec, machine, error) in Fleet.RunAsync(specs(known), (spec, token) => provider.CreateAsync(spec, events, token), ParameterSetName == Rented ? ServersAtOnce : AtOnce, stop))
            if (error is null)
                Write(machine);
            // What keeps all of them from being made is said once.
            else if (told.Add(error))
                Fail(spec.Name, error);
    }

    private List<MachineSpec> Specs(List<int> numbers)
    {
        var names = numbers.ConvertAll(n => LabName.Machine(Name, n));
        if (ParameterSetName == Made)
            return names.ConvertAll(name => Image.Length > 0 ? new DockerMachineSpec(Name, name, Image) : new MachineSpec(Name, name));
        var order = new OpenStackOrder(names, Image, Flavor)
        {
            Cloud = Cloud, Credential = Credential?.GetNetworkCredential(), Network = Network, ExternalNetwork = ExternalNetwork, FloatingIp = FloatingIp,
            BootVolume = BootVolumeGB, ServerGroup = ServerGroup, Zones = AvailabilityZone, KeyName = KeyName, Subnet = Subnet, PodSubnet = PodSubnet,
        };
        return names.ConvertAll<MachineSpec>(name => new OpenStackMachineSpec(Name, name, order));
    }

    private List<MachineSpec> Specs(List<string> hosts, string? key, IReadOnlyList<Machine> known)
    {
        var free = new Queue<string>(Enumerable.Range(1, known.Count + hosts.Count).Select(n => LabName.Machine(Name, n)).Except(known.Select(machine => machine.Name)));
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
