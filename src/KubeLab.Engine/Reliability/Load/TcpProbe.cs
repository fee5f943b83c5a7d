using System.Net.Sockets;

namespace KubeLab.Engine.Reliability.Load;

/// <summary>Opens and closes TCP connections, for services that do not use HTTP.</summary>
internal static class TcpProbe
{
    /// <summary>Succeeds if the connection is accepted.</summary>
    public static async Task<ProbeResult> ConnectAsync(Uri address, CancellationToken stop)
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(address.DnsSafeHost, address.Port, stop);
        return default;
    }
}
