using System.Net.Sockets;

namespace KubeLab.Tests.Images;

/// <summary>Connections that break after a number of sent bytes.</summary>
internal sealed class FailingConnections
{
    private int _broken;

    /// <summary>The number of connections that break.</summary>
    public required int Breaks { get; init; }

    /// <summary>The number of bytes before a break.</summary>
    public required long After { get; init; }

    /// <summary>The number of broken connections.</summary>
    public int Broken => Math.Min(_broken, Breaks);

    public async Task<Stream> DialAsync(string host, int port, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host, port, stop);
        return new Wire(this, socket);
    }

    private sealed class Wire(FailingConnections owner, Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private long _sent;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if ((_sent += buffer.Length) > owner.After && Interlocked.Increment(ref owner._broken) <= owner.Breaks)
            {
                Socket.Close();
                throw new IOException("The connection broke.");
            }
            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
