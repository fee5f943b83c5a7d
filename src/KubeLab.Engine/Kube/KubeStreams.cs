using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace KubeLab.Engine.Kube;

/// <summary>The channels of a command or port of a pod over one WebSocket. The first byte of a message is its channel.</summary>
/// <remarks>apimachinery pkg/util/remotecommand: 0 input, 1 output, 2 error output, 3 exit status, 4 terminal size, 255 closes another channel.</remarks>
internal sealed class KubeStreams(HttpResponseMessage answer, WebSocket socket, bool canClose) : IDisposable
{
    private const int BufferSize = 32 * 1024;
    private readonly SemaphoreSlim _lock = new(1);

    /// <summary>Sends bytes on a channel, one message at a time.</summary>
    public async Task SendAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        var message = ArrayPool<byte>.Shared.Rent(data.Length + 1);
        message[0] = channel;
        data.CopyTo(message.AsMemory(1));
        await _lock.WaitAsync(stop);
        try
        {
            await socket.SendAsync(message.AsMemory(0, data.Length + 1), WebSocketMessageType.Binary, endOfMessage: true, stop);
        }
        finally
        {
            _lock.Release();
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Sends a stream as input, and closes the input channel if the server supports it.</summary>
    public async Task SendAsync(Stream input, CancellationToken stop)
    {
        var buffer = new byte[BufferSize];
        for (int count; (count = await input.ReadAsync(buffer, stop)) > 0;)
            await SendAsync(0, buffer.AsMemory(0, count), stop);
        await EndInputAsync(stop);
    }

    /// <summary>Closes the input channel if the server supports it.</summary>
    public async Task EndInputAsync(CancellationToken stop)
    {
        if (canClose)
            await SendAsync(255, new byte[] { 0 }, stop);
    }

    /// <summary>Reads messages until the server closes the connection. Data is valid until the next message is requested.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async IAsyncEnumerable<(byte Channel, ReadOnlyMemory<byte> Data)> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var buffer = new byte[BufferSize];
        for (int? channel = null; ;)
        {
            var received = await ReceiveAsync(buffer, stop);
            if (received.MessageType == WebSocketMessageType.Close)
                yield break;
            var data = buffer.AsMemory(0, received.Count);
            if (channel is null && received.Count > 0)
                (channel, data) = (buffer[0], data[1..]);
            if (data.Length > 0)
                yield return ((byte)channel!, data);
            if (received.EndOfMessage)
                channel = null;
        }
    }

    private async Task<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken stop)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, stop);
        }
        // .NET reports a ping without an answer as a cancellation.
        catch (OperationCanceledException noPong) when (!stop.IsCancellationRequested)
        {
            throw new WebSocketException("the server no longer responds.", noPong);
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        socket.Dispose();
        answer.Dispose();
        _lock.Dispose();
    }
}
