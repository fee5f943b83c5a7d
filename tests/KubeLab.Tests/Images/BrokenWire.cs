using System.Net.Sockets;

namespace KubeLab.Tests.Images;

/// <summary>Connections of which some break when they have sent so many bytes.</summary>
internal sealed class BrokenWire
{
    private int _broken;

    /// <summary>How many break.</summary>
    public required int Breaks { get; init; }

    /// <summary>After how many bytes.</summary>
    public required long After { get; init; }

    /// <summary>How many have broken.</summary>
    public int Broken => Math.Min(_broken, Breaks);

    public async Task<Stream> DialAsync(string host, int port, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host, port, stop);
        return new Wire(this, socket);
    }

    private sealed class Wire(BrokenWire owner, Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private long _sent;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if ((_sent += buffer.Length) > owner.After && Interlocked.Increment(ref owner._broken) <= owner.Breaks)
            {
                Socket.Close();
                throw new IOException("The wire broke.");
            }
            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
