using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace KubeLab.Engine.Kube;

/// <summary>The channels of a program or port of a pod over one WebSocket: the first byte of a message names its channel.</summary>
/// <remarks>apimachinery pkg/util/remotecommand: 0 input, 1 output, 2 error output, 3 how it ended, 4 the terminal's size, 255 closes another.</remarks>
internal sealed class KubeStreams(HttpResponseMessage answer, WebSocket socket, bool canClose) : IDisposable
{
    private const int Piece = 32 * 1024;
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Sends bytes on a channel; callers take turns.</summary>
    public async Task SendAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        var message = ArrayPool<byte>.Shared.Rent(data.Length + 1);
        message[0] = channel;
        data.CopyTo(message.AsMemory(1));
        await _one.WaitAsync(stop);
        try
        {
            await socket.SendAsync(message.AsMemory(0, data.Length + 1), WebSocketMessageType.Binary, endOfMessage: true, stop);
        }
        finally
        {
            _one.Release();
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Sends all of a stream as input, and its end where the server understands that.</summary>
    public async Task SendAsync(Stream input, CancellationToken stop)
    {
        var buffer = new byte[Piece];
        for (int count; (count = await input.ReadAsync(buffer, stop)) > 0;)
            await SendAsync(0, buffer.AsMemory(0, count), stop);
        await EndInputAsync(stop);
    }

    /// <summary>Says that there will be no more input, where the server understands that.</summary>
    public async Task EndInputAsync(CancellationToken stop)
    {
        if (canClose)
            await SendAsync(255, new byte[] { 0 }, stop);
    }

    /// <summary>What comes, piece by piece, until the other side ends it. A piece is good until the next is asked for.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async IAsyncEnumerable<(byte Channel, ReadOnlyMemory<byte> Data)> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var buffer = new byte[Piece];
        for (int? channel = null; ;)
        {
            var got = await ReceiveAsync(buffer, stop);
            if (got.MessageType == WebSocketMessageType.Close)
                yield break;
            var data = buffer.AsMemory(0, got.Count);
            if (channel is null && got.Count > 0)
                (channel, data) = (buffer[0], data[1..]);
            if (data.Length > 0)
                yield return ((byte)channel!, data);
            if (got.EndOfMessage)
                channel = null;
        }
    }

    private async Task<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken stop)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, stop);
        }
        // So .NET says that a ping had no answer.
        catch (OperationCanceledException silent) when (!stop.IsCancellationRequested)
        {
            throw new WebSocketException("the other side no longer answers.", silent);
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        socket.Dispose();
        answer.Dispose();
        _one.Dispose();
    }
}
