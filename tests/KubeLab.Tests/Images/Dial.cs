using System.Net.Sockets;

namespace KubeLab.Tests.Images;

/// <summary>Direct TCP connections.</summary>
internal static class Dial
{
    public static async Task<Stream> TcpAsync(string host, int port, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host, port, stop);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
