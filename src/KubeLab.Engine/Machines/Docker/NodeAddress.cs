using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>A machine's own address and ports. They are chosen once and survive restarts of the machine and of the engine.</summary>
/// <param name="Address">The address on the lab's network.</param>
/// <param name="Host">The name or address at which the engine's host publishes the ports.</param>
/// <param name="SshPort">The published port of sshd.</param>
/// <param name="ApiPort">The published port of the API server.</param>
internal sealed record NodeAddress(IPAddress Address, string Host, int SshPort, int ApiPort)
{
    // Below the ephemeral ports of Linux (32768), Windows and macOS (49152), so that no outgoing connection uses one.
    private const int FirstPort = 20000, LastPort = 29999;

    /// <summary>Chooses the first free address, starting at x.y.1.1, and two free ports.</summary>
    /// <param name="network">The lab's network, a /16.</param>
    /// <param name="host">The host that publishes the ports.</param>
    /// <param name="taken">The addresses of the existing machines.</param>
    public static NodeAddress Choose(IPNetwork network, string host, IReadOnlyList<NodeAddress> taken)
    {
        var start = network.BaseAddress.GetAddressBytes();
        var addresses = taken.Select(place => place.Address).ToHashSet();
        var address = Enumerable.Range(257, 65534 - 257).Where(n => n % 256 is not 0 and not 255)
            .Select(n => new IPAddress([start[0], start[1], (byte)(n / 256), (byte)(n % 256)])).First(one => !addresses.Contains(one));
        var ports = taken.SelectMany(place => new[] { place.SshPort, place.ApiPort })
            .Concat(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port)).ToHashSet();
        // The random start avoids conflicts between two processes that choose at the same time.
        var free = Enumerable.Range(RandomNumberGenerator.GetInt32(FirstPort, LastPort), LastPort - FirstPort)
            .Select(n => n <= LastPort ? n : n - LastPort + FirstPort).Where(port => !ports.Contains(port)).Take(2).ToArray();
        return new(address, host, free[0], free[1]);
    }

    /// <summary>The address that ports are bound to: the loopback address, unless the engine runs on another computer.</summary>
    public string Bind => IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address) ? "127.0.0.1" : "0.0.0.0";
}
