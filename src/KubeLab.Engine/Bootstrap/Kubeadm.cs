using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using KubeLab.Engine.Bootstrap.Mirrors;
using KubeLab.Engine.Flow;
using KubeLab.Engine.LoadBalancers;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Creates Kubernetes clusters with kubeadm. Each step first checks the current state, so a run continues where an earlier one stopped.</summary>
public sealed partial class Kubeadm
{
    private const int Parallelism = 32;
    private const int ApiPort = 6443;

    private readonly IHostPool _hosts;
    private readonly TimeProvider _clock;
    private readonly IClusterAccess _clusters;
    private readonly PodNetworks _networks;
    private readonly LoadBalancerClient _balancers;

    internal Kubeadm(IHostPool hosts, TimeProvider clock, IClusterAccess clusters, PodNetworks networks, LoadBalancerClient balancers) =>
        (_hosts, _clock, _clusters, _networks, _balancers) = (hosts, clock, clusters, networks, balancers);

    /// <summary>Installs the container runtime, kubeadm, kubelet and kubectl, unless they are already installed. A load balancer is not changed.</summary>
    /// <returns>What was installed now, or null if nothing had to be installed or the index of the repository cannot be read.</returns>
    /// <exception cref="KlException">MirrorUnreachable, KubernetesVersionNotFound, VersionDiffers, UnsupportedMachine, AddressNotOnMachine,
    /// ContainerdTooOld, AptFailed, InstallFailed; and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<Installation?> InstallAsync(Machine machine, InstallOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (machine.IsLoadBalancer)
            return null;
        var parameters = Parameters(options.Mirror, machine.IsContainer);
        parameters["EXACT"] = options.IsVersionRequired ? "1" : "";
        parameters["ADDRESS"] = $"{machine.Address}";
        parameters["NOW"] = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return (await RunAsync(machine, "install", parameters, ErrorIds.InstallFailed, events, stop)).GetValueOrDefault("installed")?.Split(' ')
            is [var version, { Length: > 0 } index] ? new(version, index) : null;
    }

    /// <summary>What prepares a machine like one on which <see cref="InstallAsync"/> has just installed packages.</summary>
    public static Preparation PreparationOf(Machine machine, Mirror mirror, Installation installation)
    {
        var parameters = Parameters(mirror, machine.IsContainer);
        parameters["PREPARE"] = "1";
        return new($"{parameters["RECIPE"]} {installation.Index}", installation.Version,
            NodeScript.Text("install", parameters) + NodeScript.Read("prepare.sh"));
    }

    // RECIPE is a hash of everything that determines the result of an installation, except the machine and the packages in the repositories.
    private static Dictionary<string, string?> Parameters(Mirror mirror, bool isContainer)
    {
        Dictionary<string, string?> parameters = new()
        {
            ["VERSION"] = mirror.Version,
            ["APT"] = mirror.Kubernetes.Line,
            ["KEY"] = mirror.Kubernetes.Key,
            ["RUNTIME_APT"] = mirror.Containerd?.Line,
            ["RUNTIME_KEY"] = mirror.Containerd?.Key,
            ["REPOSITORY"] = mirror.Images?.Repository,
            ["URL"] = mirror.Images?.Url,
            ["CA"] = mirror.Images?.Ca,
            ["POD_NETWORK"] = mirror.PodNetwork,
            ["MANIFEST"] = PodNetworks.UrlOf(mirror.PodNetwork),
            ["CONTAINER"] = isContainer ? "1" : "",
            ["EXACT"] = "", ["ADDRESS"] = "", ["NOW"] = "", ["PREPARE"] = "",
        };
        parameters["RECIPE"] = Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes(NodeScript.Text("install", parameters) + NodeScript.Read("prepare.sh"))));
        return parameters;
    }

    private async Task<IReadOnlyDictionary<string, string>> RunAsync(
        Machine machine, string script, Dictionary<string, string?> parameters, string errorId, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = _hosts.Open(machine.Name, machine.Ssh);
        return await NodeScript.RunAsync(host, script, parameters, NodeErrors.Known, errorId, events, stop);
    }

    // The facts of each machine that responds and has kubeadm, in the order of the machines. Reports the others as failed.
    private async Task<IReadOnlyList<(Machine Machine, NodeFacts Facts)>> GatherFactsAsync(
        IReadOnlyList<Machine> machines, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        var found = new Dictionary<string, NodeFacts>();
        var nodes = machines.Where(machine => !machine.IsLoadBalancer).ToList();
        await foreach (var (machine, facts, error) in Fleet.RunAsync(nodes, (one, token) => FactsAsync(one, events, token), Parallelism, stop))
            if (error is null)
                found[machine.Name] = facts!;
            else
                failed(machine, error);
        return [.. from machine in nodes where found.ContainsKey(machine.Name) select (machine, found[machine.Name])];
    }

    private async Task<NodeFacts> FactsAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var facts = new NodeFacts(await RunAsync(machine, "facts", [], ErrorIds.FactsFailed, events, stop));
        return facts.Kubeadm is not null ? facts : throw new KlException(
            ErrorIds.KubeadmNotInstalled, KlErrorKind.NotInstalled, machine.Name, $"kubeadm is not installed on {machine.Name}.");
    }

    private async Task<IReadOnlyList<NodeState>> NodesAsync(INodeApi api, string cluster, IProgress<LabEvent> events, CancellationToken stop)
    {
        IReadOnlyList<NodeState> nodes = [];
        await Wait.UntilAsync(
            async token =>
            {
                try
                {
                    nodes = await api.NodesAsync(token);
                    return Verdict.Ready;
                }
                catch (KlException error) when (error.Kind == KlErrorKind.Unreachable)
                {
                    return Verdict.Pending(error.Message);
                }
            },
            verdict => verdict,
            new(cluster, $"the API server of {cluster} to respond", TimeSpan.FromMinutes(4), TimeSpan.FromSeconds(1))
            {
                FailedId = ErrorIds.ApiServerFailed, TimeoutId = ErrorIds.ApiServerTimeout,
            },
            _clock, stop, reason => events.Detail(cluster, reason));
        return nodes;
    }

    private static IReadOnlyList<IPNetwork> NetworksOf(IEnumerable<(Machine Machine, NodeFacts Facts)> found) =>
        [.. found.SelectMany(one => one.Facts.Networks).Distinct()];
}
