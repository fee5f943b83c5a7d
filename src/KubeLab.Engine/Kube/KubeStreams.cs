using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>The channels of a command or port of a pod over one WebSocket. The first byte of a message is its channel.</summary>
/// <remarks>apimachinery pkg/util/remotecommand: 0 input, 1 output, 2 error output, 3 exit status, 4 terminal size, 255 closes another channel.</remarks>
internal sealed class KubeStreams(HttpResponseMessage answer, WebSocket socket, bool canClose) : IDisposable
{
    /// <summary>The channel of the input.</summary>
    public const byte Input = 0;

    /// <summary>The channel of the terminal size.</summary>
    public const byte Resize = 4;

    private const byte Output = 1;
    private const byte Error = 2;
    private const byte Status = 3;
    private const byte Close = 255;
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
            await SendAsync(Input, buffer.AsMemory(0, count), stop);
        await EndInputAsync(stop);
    }

    /// <summary>Closes the input channel if the server supports it.</summary>
    public async Task EndInputAsync(CancellationToken stop)
    {
        if (canClose)
            await SendAsync(Close, new byte[] { Input }, stop);
    }

    /// <summary>Reads the output of a command until the connection ends.</summary>
    /// <param name="write">Receives the output: whether it is standard error, and the bytes, which are valid until it returns.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The exit status, or null if the server sent none.</returns>
    /// <exception cref="WebSocketException">The connection broke before the exit status arrived.</exception>
    public async Task<V1Status?> ReadToEndAsync(Func<bool, ReadOnlyMemory<byte>, ValueTask> write, CancellationToken stop)
    {
        using var status = new MemoryStream();
        try
        {
            await foreach (var (channel, data) in ReadAsync(stop))
                if (channel is Output or Error)
                    await write(channel == Error, data);
                else if (channel == Status)
                    status.Write(data.Span);
        }
        catch (WebSocketException) when (status.Length > 0)
        {
            // The exit status was already received.
        }
        return status.Length > 0 ? KubeApi.StatusOf(status.ToArray()) : null;
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
