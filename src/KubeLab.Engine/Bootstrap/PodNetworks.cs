using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Flow.Web;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Installs the pod network of a cluster: host routes or a manifest.</summary>
public sealed class PodNetworks
{
    /// <summary>A bridge on each node and routes between the nodes. Requires no image.</summary>
    public const string HostRoutes = "HostRoutes";

    // docs.tigera.io/calico/latest/getting-started/kubernetes/self-managed-onprem; github.com/flannel-io/flannel.
    private static readonly Dictionary<string, string?> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [HostRoutes] = null,
        ["Calico"] = "https://raw.githubusercontent.com/projectcalico/calico/v3.32.1/manifests/calico.yaml",
        ["Flannel"] = "https://github.com/flannel-io/flannel/releases/download/v0.28.4/kube-flannel.yml",
    };

    private static readonly TimeSpan DownloadTimeout = TimeSpan.FromMinutes(1);
    private readonly IHostPool _hosts;
    private readonly TimeProvider _clock;
    private readonly WebText _web;
    private readonly Func<string, string, IEnumerable<JsonObject>> _objects;

    /// <param name="hosts">Opens machines.</param>
    /// <param name="clock">Time.</param>
    /// <param name="web">Reads manifests.</param>
    /// <param name="objects">The objects of a manifest, by its source and text, in the order in which they are applied.</param>
    internal PodNetworks(IHostPool hosts, TimeProvider clock, WebText web, Func<string, string, IEnumerable<JsonObject>> objects) =>
        (_hosts, _clock, _web, _objects) = (hosts, clock, web, objects);

    /// <summary>The known names.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>Normalizes a pod network to a known name, a URL or an absolute path.</summary>
    /// <exception cref="KlException">PodNetworkInvalid.</exception>
    public static string Parse(string text) =>
        Known.Keys.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) ??
        (WebText.IsUrl(text) ? text
            : File.Exists(text) ? Path.GetFullPath(text)
            : throw new KlException(ErrorIds.PodNetworkInvalid, KlErrorKind.InvalidInput, text,
                $"'{text}' is not a valid pod network. It must be one of {string.Join(", ", Names)}, a URL or a file.", "Use one of these values."));

    /// <summary>The URL of a pod network's manifest. Null: it has none, or is a file on this computer.</summary>
    internal static string? UrlOf(string network) => Known.TryGetValue(network, out var url) ? url : WebText.IsUrl(network) ? network : null;

    /// <summary>HostRoutes: sets up routes to the pods of all nodes on each machine. Unchanged routes are kept.</summary>
    /// <exception cref="KlException">HostRoutesFailed, PodCidrTimeout.</exception>
    internal async Task RouteAsync(
        INodeApi api, string cluster, IReadOnlyList<Machine> machines, string subnet, IProgress<LabEvent> events, CancellationToken stop)
    {
        await AssignFirstCidrAsync(api, subnet, stop);
        var nodes = await Wait.UntilAsync(
            api.NodesAsync,
            nodes => nodes.FirstOrDefault(node => node.PodCidr is null || node.Address is null) is { } node
                ? Verdict.Pending($"{node.Name} has no pod CIDR")
                : machines.FirstOrDefault(machine => nodes.All(node => node.Name != machine.Name)) is { } machine
                ? Verdict.Pending($"{machine} has not registered yet") : Verdict.Ready,
            new(cluster, "every node to have a pod CIDR", TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(300))
            {
                FailedId = ErrorIds.PodCidrFailed, TimeoutId = ErrorIds.PodCidrTimeout,
            },
            _clock, stop, reason => events.Detail(cluster, reason));
        var ordered = nodes.OrderBy(node => node.Name, StringComparer.Ordinal).ToList();
        await Fleet.AllAsync(machines, async (machine, token) =>
        {
            await using var host = _hosts.Open(machine.Name, machine.Ssh);
            return await NodeScript.RunAsync(host, "network", new Dictionary<string, string?>
            {
                ["ADDRESS"] = $"{machine.Address}",
                ["POD_CIDR"] = ordered.First(node => node.Name == machine.Name).PodCidr,
                ["POD_SUBNET"] = subnet,
                ["ROUTES"] = string.Join('\n', from node in ordered where node.Name != machine.Name select $"{node.PodCidr} {node.Address}"),
                ["PROGRAM"] = NodeScript.Read("routes.sh").TrimEnd(),
            }, NodeErrors.Known, ErrorIds.PodNetworkFailed, events, token);
        }, 32, stop);
    }

    // A new controller manager assigns the first range to the first node only after ten seconds. This avoids the delay.
    private static async Task AssignFirstCidrAsync(INodeApi api, string subnet, CancellationToken stop)
    {
        if (await api.NodesAsync(stop) is not [{ PodCidr: null } first])
            return;
        var range = $"{IPNetwork.Parse(subnet).BaseAddress}/24";
        try
        {
            await api.ApplyAsync(
                new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Node",
                    ["metadata"] = new JsonObject { ["name"] = first.Name },
                    ["spec"] = new JsonObject { ["podCIDR"] = range, ["podCIDRs"] = new JsonArray(range) },
                }, stop);
        }
        catch (KlException error) when (error.Kind == KlErrorKind.InvalidInput)
        {
            // The node already has a range, which cannot be changed.
        }
    }

    /// <summary>Applies a manifest with the pod subnet <paramref name="subnet"/> and records this on the control plane.</summary>
    /// <exception cref="KlException">PodNetworkUnreachable, ManifestInvalid.</exception>
    internal async Task ApplyAsync(INodeApi api, Machine control, string network, string subnet, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(control.Lab, $"Applying the pod network {network}");
        var manifest = PodManifest.WithSubnet(await TextAsync(Known.GetValueOrDefault(network) ?? network, stop), subnet);
        var changed = 0;
        foreach (var one in _objects(network, manifest))
            changed += await api.ApplyAsync(one, stop) ? 1 : 0;
        if (changed > 0)
            events.Changed(control.Lab, $"applied the pod network {network}");
        await using var host = _hosts.Open(control.Name, control.Ssh);
        await host.WriteAsync(new("/etc/kubelab/network", Encoding.UTF8.GetBytes($"POD_SUBNET={subnet}\n")), stop);
    }

    private async Task<string> TextAsync(string source, CancellationToken stop)
    {
        try
        {
            return await _web.ReadAsync(source, DownloadTimeout, stop);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            var shown = WebText.DisplayName(source);
            throw new KlException(ErrorIds.PodNetworkUnreachable, KlErrorKind.Unreachable, shown,
                $"The manifest {shown} of the pod network could not be read: {Cause.MessageOf(error)}",
                "Download the file on another computer and specify its path with -PodNetwork, or use -PodNetwork HostRoutes.", error);
        }
    }
}
