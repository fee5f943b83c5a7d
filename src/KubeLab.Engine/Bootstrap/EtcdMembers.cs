using System.Net;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Which members of etcd are healthy.</summary>
/// <param name="Members">The addresses of all members.</param>
/// <param name="Healthy">Those of the healthy ones.</param>
internal sealed record EtcdHealth(IReadOnlyList<string> Members, IReadOnlyList<string> Healthy);

/// <summary>The members of a cluster's etcd.</summary>
internal static class EtcdMembers
{
    // etcd's peer port with kubeadm.
    private const int PeerPort = 2380;

    /// <summary>Asks all members whether they are healthy. The result is empty if etcd does not run on the control planes.</summary>
    /// <exception cref="KlException">EtcdNotLeft, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public static async Task<EtcdHealth> HealthAsync(IHostPool hosts, Machine control, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = hosts.Open(control.Name, control.Ssh);
        var facts = await NodeScript.RunAsync(host, "etcd", new Dictionary<string, string?> { ["MEMBER"] = null, ["PEER"] = null }, NodeErrors.Known,
            ErrorIds.EtcdNotLeft, events, stop);
        return new(Hosts("members"), Hosts("healthy"));

        IReadOnlyList<string> Hosts(string fact) => [.. (facts.GetValueOrDefault(fact) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Host : url)];
    }

    /// <summary>Removes a machine from the members. Does nothing if it is not a member, or if etcd does not run on the control planes.</summary>
    /// <param name="hosts">Opens machines.</param>
    /// <param name="control">Another control plane, which runs.</param>
    /// <param name="name">The name of the machine.</param>
    /// <param name="address">Its address, or null if it is unknown.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">EtcdNotLeft, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public static async Task RemoveAsync(
        IHostPool hosts, Machine control, string name, string? address, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = hosts.Open(control.Name, control.Ssh);
        await NodeScript.RunAsync(host, "etcd", new Dictionary<string, string?>
        {
            ["MEMBER"] = name,
            ["PEER"] = IPAddress.TryParse(address, out var ip) ? $"https://{new IPEndPoint(ip, PeerPort)}" : null,
        }, NodeErrors.Known, ErrorIds.EtcdNotLeft, events, stop);
    }
}
