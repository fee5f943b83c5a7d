using System.Net.Sockets;

namespace KubeLab.Engine.Remote;

/// <summary>A connection through a tunnel that is its own.</summary>
internal sealed class TunnelStream(Socket socket, Tunnel tunnel, string target) : NetworkStream(socket, ownsSocket: true)
{
    private bool _heard;

    public override int Read(byte[] buffer, int offset, int count) => Heard(base.Read(buffer, offset, count), count);

    public override int Read(Span<byte> buffer) => Heard(base.Read(buffer), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Heard(await base.ReadAsync(buffer, cancellationToken), buffer.Length);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        // Closing it waits for the other side.
        if (disposing)
            _ = Blocking.RunAsync(tunnel.Dispose);
    }

    // SSH.NET closes the local side without a word when the machine could not connect.
    private int Heard(int read, int asked)
    {
        if (read == 0 && asked > 0 && !_heard)
            throw new IOException($"{target} closed the connection before it said anything, or does not accept any.");
        _heard = true;
        return read;
    }
}
