using System.Net.Sockets;

namespace KubeLab.Engine.Remote;

/// <summary>A connection through a tunnel, which it disposes.</summary>
internal sealed class TunnelStream(Socket socket, Tunnel tunnel, string target) : NetworkStream(socket, ownsSocket: true)
{
    private bool _hasReceived;

    public override int Read(byte[] buffer, int offset, int count) => Check(base.Read(buffer, offset, count), count);

    public override int Read(Span<byte> buffer) => Check(base.Read(buffer), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Check(await base.ReadAsync(buffer, cancellationToken), buffer.Length);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        // Disposing the tunnel waits for the other side.
        if (disposing)
            _ = Blocking.RunAsync(tunnel.Dispose);
    }

    // SSH.NET closes the local side without an error if the machine could not connect.
    private int Check(int read, int requested)
    {
        if (read == 0 && requested > 0 && !_hasReceived)
            throw new IOException($"{target} refused the connection or closed it without sending data.");
        _hasReceived = true;
        return read;
    }
}
