using System.Runtime.CompilerServices;
using KubeLab.Engine.Backups;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Bootstrap.Mirrors;
using KubeLab.Engine.Databases;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Deployments.Balancing;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Flow.Web;
using KubeLab.Engine.Health;
using KubeLab.Engine.Images;
using KubeLab.Engine.Kube;
using KubeLab.Engine.LoadBalancers;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Engine.Machines.Ssh;
using KubeLab.Engine.Manifests;
using KubeLab.Engine.Nodes;
using KubeLab.Engine.Nodes.Certificates;
using KubeLab.Engine.Nodes.Containers;
using KubeLab.Engine.Nodes.Logs;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Reliability.Faults;
using KubeLab.Engine.Reliability.Load;
using KubeLab.Engine.Reliability.Workloads;
using KubeLab.Engine.Remote;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine;

/// <summary>Combines the parts of the engine. A process has one, so that cmdlets share connections.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="providers">The machine providers. The first is the default.</param>
/// <param name="clock">The clock.</param>
public sealed class LabEngine(IHostPool hosts, IReadOnlyList<IMachineProvider> providers, TimeProvider clock) : IAsyncDisposable
{
    private static LabEngine? _shared;
    private static LabEngine? _replacement;

    /// <summary>The engine of this process.</summary>
    public static LabEngine Shared
    {
        get => _replacement ?? LazyInitializer.EnsureInitialized(ref _shared, Compose);
        internal set => _replacement = value;
    }

    /// <summary>Opens machines.</summary>
    public IHostPool Hosts { get; } = hosts;

    /// <summary>The Docker engine.</summary>
    public IDocker Docker { get; init; } = new DockerCli(clock);

    /// <summary>The configured OpenStack clouds.</summary>
    public Clouds Clouds { get; init; } = new(clock);

    /// <summary>The machine providers. The first is the default.</summary>
    public IReadOnlyList<IMachineProvider> Providers { get; } = providers;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>Opens clusters.</summary>
    public KubeSession Kube { get; } = new(clock);

    /// <summary>Reads mirrors.</summary>
    public MirrorReader Mirrors => new(Web);

    /// <summary>Creates clusters with kubeadm.</summary>
    public Kubeadm Kubeadm => new(Hosts, Clock, Access, new PodNetworks(Hosts, Clock, Web, ManifestText.Objects), LoadBalancers);

    /// <summary>Manages load balancers.</summary>
    public LoadBalancerClient LoadBalancers => new(Hosts, Providers);

    /// <summary>Finds and removes clusters.</summary>
    public ClusterInventory Clusters => new(Providers, Access, Hosts, Clock);

    /// <summary>Manages private registries.</summary>
    public Registries Registries => new(Kube, Hosts, Clock);

    /// <summary>Manages deployments.</summary>
    public DeploymentClient Deployments => new(Kube);

    /// <summary>Manages databases.</summary>
    public DatabaseClient Databases => new(Kube, RegistryAsync, Docker, Hosts, Clock);

    /// <summary>Lists the cloud stack of clusters.</summary>
    public StackClient Stack => new(Kube, Clusters, Providers);

    /// <summary>Manages rollouts.</summary>
    public RolloutClient Rollouts => new(Kube);

    /// <summary>Manages services.</summary>
    public ServiceClient Services => new(Kube);

    /// <summary>Distributes connections to services among nodes.</summary>
    public ServiceBalancers ServiceBalancers => new(Kube, Clusters, LoadBalancers);

    /// <summary>Manages pods.</summary>
    public PodClient Pods => new(Kube);

    /// <summary>Runs programs in containers.</summary>
    public PodCommands PodCommands => new(Kube);

    /// <summary>Opens terminals in containers.</summary>
    public PodSession PodSession => new(Kube);

    /// <summary>Copies files to and from machines.</summary>
    public MachineFiles MachineFiles => new(Hosts);

    /// <summary>Copies files to and from containers.</summary>
    public PodFiles PodFiles => new(Kube);

    /// <summary>Reads logs.</summary>
    public PodLogs PodLogs => new(Kube);

    /// <summary>Forwards local ports to pods.</summary>
    public PortForwards PortForwards => field ?? LazyInitializer.EnsureInitialized(ref field, () => new(Kube));

    /// <summary>Manages nodes.</summary>
    public NodeClient Nodes => new(Kube);

    /// <summary>Finds the machines of nodes.</summary>
    public NodeTargets NodeTargets => new(Clusters);

    /// <summary>Reads the certificates of nodes.</summary>
    public NodeCertificates Certificates => new(Hosts, Clock);

    /// <summary>Renews the certificates of control planes.</summary>
    public CertificateRenewal CertificateRenewal => new(Hosts, Kubeadm, Clock);

    /// <summary>Lists the containers on nodes.</summary>
    public NodeContainers Containers => new(Hosts, Clock);

    /// <summary>Reads logs on nodes.</summary>
    public NodeLogs NodeLogs => new(Hosts, Clock);

    /// <summary>Removes nodes.</summary>
    public NodeRemoval NodeRemoval => new(Kube, Kubeadm, Clusters, Clock);

    /// <summary>Resets clusters.</summary>
    public ClusterReset ClusterReset => new(Kube, Kubeadm, Clusters, LoadBalancers, Clock);

    /// <summary>Saves clusters in files.</summary>
    public BackupClient Backups => new(Kube, Kubeadm, Hosts, Clock);

    /// <summary>Restores clusters from backups.</summary>
    public RestoreClient Restores => new(Kubeadm, Clusters, Hosts);

    /// <summary>Checks clusters.</summary>
    public ClusterHealth Health => new(Kube, Kubeadm, Hosts, Clock);

    /// <summary>Manages objects of any kind.</summary>
    public ResourceClient Resources => new(Kube);

    /// <summary>Reads Kubernetes events.</summary>
    public ClusterEvents Events => new(Kube);

    /// <summary>Checks permissions.</summary>
    public AccessClient Permissions => new(Kube);

    /// <summary>Reads the resource usage of nodes and pods.</summary>
    public MetricsClient Metrics => new(Kube);

    /// <summary>Lists object names for completion.</summary>
    public KubeNames Names => new(Kube);

    /// <summary>Lists container names for completion.</summary>
    public ContainerNames ContainerNames => new(Names);

    /// <summary>The faults that this process started.</summary>
    public FaultJournal FaultJournal { get; } = new();

    /// <summary>Starts, lists and ends faults.</summary>
    public FaultClient Faults => new(Kube, Hosts, Providers, stop => MachinesAsync(null, stop),
        (input, stop) => Databases.MinorityAsync(input.Cluster, input.Namespace, input.Name, stop), FaultJournal, Clock);

    /// <summary>Measures the availability of services.</summary>
    public AvailabilityClient Availability => new(FaultJournal, Clock);

    /// <summary>Tests databases.</summary>
    public DatabaseTester DatabaseTests => new(Kube, PortForwards, FaultJournal, Clock);

    /// <summary>Reads manifests.</summary>
    public ManifestReader ManifestReader => new(Web);

    /// <summary>Applies and deletes manifests.</summary>
    public ManifestRun Manifests => new(Kube);

    /// <summary>Returns a provider by name, ignoring case; null returns the default.</summary>
    /// <exception cref="KlException">ProviderNotFound.</exception>
    public IMachineProvider Provider(string? name) => name is null ? Providers[0]
        : Providers.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new KlException(
            ErrorIds.ProviderNotFound, KlErrorKind.InvalidInput, name, $"'{name}' is not a valid provider.",
            $"Use one of {string.Join(", ", Providers.Select(one => one.Name))}.");

    /// <summary>Lists the machines of all providers or of one lab. Skips providers whose tools are not installed.</summary>
    public async IAsyncEnumerable<Machine> MachinesAsync(string? lab, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var provider in Providers)
        {
            await using var machines = provider.ListAsync(lab, stop).GetAsyncEnumerator(stop);
            while (await NextAsync(machines))
                yield return machines.Current;
        }

        static async Task<bool> NextAsync(IAsyncEnumerator<Machine> machines)
        {
            try
            {
                return await machines.MoveNextAsync();
            }
            catch (KlException error) when (error.Kind == KlErrorKind.NotInstalled)
            {
                return false;
            }
        }
    }

    /// <summary>Returns the machine with this name, ignoring case.</summary>
    /// <exception cref="KlException">MachineNotFound, and the errors of <see cref="IMachineProvider.ListAsync"/>.</exception>
    public async Task<Machine> MachineAsync(string name, CancellationToken stop) =>
        await MachinesAsync(null, stop).FirstOrDefaultAsync(vm => vm.Name.Equals(name, StringComparison.OrdinalIgnoreCase), stop)
        ?? throw new KlException(ErrorIds.MachineNotFound, KlErrorKind.NotFound, name, $"Machine '{name}' was not found.");

    /// <summary>Creates machines in parallel and returns each when it is ready. An error that several machines have in common is returned once.</summary>
    /// <param name="lab">The lab, for errors.</param>
    /// <param name="provider">The provider's name, or null for the default.</param>
    /// <param name="specs">Returns the specifications of the machines.</param>
    /// <param name="limit">The maximum number of machines that are created at a time.</param>
    /// <param name="events">Receives the progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">ProviderNotFound, and the errors of <see cref="IMachineProvider.SpecError"/>.</exception>
    public async IAsyncEnumerable<(string Name, Machine? Machine, Exception? Error)> CreateMachinesAsync<TSpec>(string lab, string? provider,
        Func<IMachineProvider, Task<List<TSpec>>> specs, int limit, IProgress<LabEvent> events, [EnumeratorCancellation] CancellationToken stop)
        where TSpec : MachineSpec
    {
        var selected = Provider(provider);
        var creator = selected as IMachineProvider<TSpec> ?? throw selected.SpecError(lab);
        var reported = new HashSet<Exception>(ReferenceEqualityComparer.Instance);
        await foreach (var (spec, machine, error) in Fleet.RunAsync(
            await specs(creator), (spec, token) => creator.CreateAsync(spec, events, token), limit, stop))
            if (error is null || reported.Add(error))
                yield return (spec.Name, machine, error);
    }

    /// <summary>Starts the preparation of an image for machines like this one, on which packages have just been installed, if its provider keeps images.
    /// Does not wait for it.</summary>
    public Task PrepareAsync(Machine machine, Mirror mirror, Installation installation, IProgress<LabEvent> events, CancellationToken stop) =>
        Providers.FirstOrDefault(one => one.Name == machine.Provider) is IMachineImages images
            ? images.PrepareAsync(machine, Kubeadm.PreparationOf(machine, mirror, installation), events, stop) : Task.CompletedTask;

    /// <summary>Lists the prepared machine images of all providers, the most recently used first.</summary>
    /// <exception cref="KlException">The errors of <see cref="IMachineImages.ImagesAsync"/>.</exception>
    public async Task<IReadOnlyList<(IMachineImages Provider, KlMachineImage Image)>> MachineImagesAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        var all = new List<(IMachineImages Provider, KlMachineImage Image)>();
        foreach (var provider in Providers.OfType<IMachineImages>())
            all.AddRange((await provider.ImagesAsync(events, stop)).Select(image => (provider, image)));
        return all;
    }

    /// <summary>Closes all connections and forwarded ports of this process. The next use opens new ones.</summary>
    public static ValueTask CloseAsync() => Interlocked.Exchange(ref _shared, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Closes the connections and forwarded ports.</summary>
    public async ValueTask DisposeAsync()
    {
        await PortForwards.DisposeAsync();
        Kube.Dispose();
        Web.Dispose();
        await Hosts.DisposeAsync();
    }

    private async Task<KlRegistry> RegistryAsync(string cluster, IProgress<LabEvent> events, CancellationToken stop) =>
        (await Clusters.FindAsync(cluster, events, stop) is { } found ? await Registries.FindAsync(found, stop) : null) ?? throw new KlException(
            ErrorIds.RegistryNotFound, KlErrorKind.NotFound, cluster, $"Cluster '{cluster}' has no registry for images.", "Create a registry first.");

    private WebText Web { get; } = new(WebText.Client(), clock);

    private ClusterAccess Access => new(Kube, (api, node, timeout, events, stop) => new Drain(api, node, Clock).RunAsync(force: true, timeout, events, stop));

    private static LabEngine Compose()
    {
        var clock = TimeProvider.System;
        var (hosts, clouds, docker) = (new SshHostPool(clock), new Clouds(clock), new DockerCli(clock));
        return new(hosts,
            [
                new DockerProvider(docker, hosts, new LabKeys(LabKeys.DefaultRoot, clock), clock), new SshProvider(hosts, clock),
                // No lab can have this name.
                new OpenStackProvider(clouds, Path.Combine(LabKeys.DefaultRoot, ".openstack"), clock),
            ], clock)
        { Clouds = clouds, Docker = docker };
    }
}
