using System.Runtime.CompilerServices;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Images;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Engine.Machines.OpenStack;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Engine.Machines.Ssh;
using KubeLab.Engine.Manifests;
using KubeLab.Engine.Nodes;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Remote;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine;

/// <summary>The parts of the engine put together: one for the process, so that cmdlets share their connections.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="providers">Where machines come from; the first is the default.</param>
/// <param name="clock">Time.</param>
public sealed class LabEngine(IHostPool hosts, IReadOnlyList<IMachineProvider> providers, TimeProvider clock) : IAsyncDisposable
{
    private static LabEngine? _shared;

    /// <summary>The engine of this process.</summary>
    public static LabEngine Shared
    {
        get => LazyInitializer.EnsureInitialized(ref _shared, Compose);
        internal set => _shared = value;
    }

    /// <summary>Opens machines.</summary>
    public IHostPool Hosts { get; } = hosts;

    /// <summary>Builds images.</summary>
    public IDocker Docker { get; init; } = new DockerCli();

    /// <summary>The OpenStack clouds that are configured.</summary>
    public Clouds Clouds { get; init; } = new(clock);

    /// <summary>Where machines come from; the first is the default.</summary>
    public IReadOnlyList<IMachineProvider> Providers { get; } = providers;

    /// <summary>Time.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>Opens clusters.</summary>
    public KubeSession Kube { get; } = new(clock);

    /// <summary>Makes machines nodes of a cluster.</summary>
    public Kubeadm Kubeadm => new(Hosts, Clock, Access, new PodNetworks(Hosts, Clock, Http.Shared, ManifestText.Objects));

    /// <summary>The clusters that were made of machines.</summary>
    public ClusterInventory Clusters => new(Providers, Access, Hosts);

    /// <summary>The clusters' private registries.</summary>
    public Registries Registries => new(Kube, Hosts, Clock);

    /// <summary>Deployments.</summary>
    public DeploymentClient Deployments => new(Kube);

    /// <summary>What became of deployments' changes.</summary>
    public RolloutClient Rollouts => new(Kube);

    /// <summary>Services.</summary>
    public ServiceClient Services => new(Kube);

    /// <summary>Pods.</summary>
    public PodClient Pods => new(Kube);

    /// <summary>Runs programs in containers.</summary>
    public PodCommands PodCommands => new(Kube);

    /// <summary>Opens a terminal in containers.</summary>
    public PodSession PodSession => new(Kube);

    /// <summary>Copies files to and from containers.</summary>
    public PodFiles PodFiles => new(Kube);

    /// <summary>Reads logs.</summary>
    public PodLogs PodLogs => new(Kube);

    /// <summary>The ports of this computer that lead to pods.</summary>
    public PortForwards PortForwards => field ?? LazyInitializer.EnsureInitialized(ref field, () => new(Kube));

    /// <summary>Nodes.</summary>
    public NodeClient Nodes => new(Kube);

    /// <summary>Objects of any kind.</summary>
    public ResourceClient Resources => new(Kube);

    /// <summary>What happened to objects.</summary>
    public ClusterEvents Events => new(Kube);

    /// <summary>Who may do what.</summary>
    public AccessClient Permissions => new(Kube);

    /// <summary>What nodes and pods use.</summary>
    public MetricsClient Metrics => new(Kube);

    /// <summary>Names of objects, for completion.</summary>
    public KubeNames Names => new(Kube);

    /// <summary>Names of containers, for completion.</summary>
    public ContainerNames ContainerNames => new(Names);

    /// <summary>Applies and removes manifests.</summary>
    public ManifestRun Manifests => new(Kube);

    /// <summary>A provider by its name, whatever the case; null: the default.</summary>
    /// <exception cref="KlException">ProviderUnknown.</exception>
    public IMachineProvider Provider(string? name) => name is null ? Providers[0]
        : Providers.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new KlException(
            ErrorIds.ProviderUnknown, KlErrorKind.InvalidInput, name, $"There is no provider '{name}'.", $"Choose one of {string.Join(", ", Providers.Select(one => one.Name))}.");

    /// <summary>The machines of all providers, or of one lab; a provider whose tools this computer lacks has none.</summary>
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

    /// <summary>Closes every connection and forwarded port of this process. The next use begins anew.</summary>
    public static ValueTask CloseAsync() => Interlocked.Exchange(ref _shared, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Closes its connections and forwarded ports.</summary>
    public async ValueTask DisposeAsync()
    {
        await PortForwards.DisposeAsync();
        Kube.Dispose();
        await Hosts.DisposeAsync();
    }

    private ClusterAccess Access => new(Kube, (api, node, timeout, events, stop) => new Drain(api, node, Clock).RunAsync(force: true, timeout, events, stop));

    private static LabEngine Compose()
    {
        var (clock, docker) = (TimeProvider.System, new DockerCli());
        var (hosts, clouds) = (new SshHostPool(clock), new Clouds(clock));
        return new(hosts,
            [
                new DockerProvider(docker, hosts, new LabKeys(LabKeys.DefaultRoot, clock), clock), new SshProvider(hosts, clock),
                // A folder that no lab can be called like.
                new OpenStackProvider(clouds, Path.Combine(LabKeys.DefaultRoot, ".openstack"), clock),
            ], clock) { Clouds = clouds };
    }
}
