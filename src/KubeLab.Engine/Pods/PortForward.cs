using System.Net.Sockets;
using System.Net.WebSockets;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>A listening port, and a connection to the pod for each that comes to it.</summary>
internal sealed class PortForward : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly KubeApi _api;
    private readonly TcpListener _listener;
    private readonly Task _accepting;

    public PortForward(KubeApi api, TcpListener listener, KlPortForward forward)
    {
        (_api, _listener, Forward) = (api, listener, forward);
        _accepting = AcceptAsync();
    }

    public KlPortForward Forward { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _api.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
                open.RemoveAll(one => one.IsCompleted);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
            _listener.Dispose();
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var pod = await _api.PortAsync(Forward.Namespace, Forward.Name, Forward.Port, _stop.Token);
                using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                await Task.WhenAll(SendAsync(pod, client.GetStream(), over), ReceiveAsync(pod, client.GetStream(), over));
            }
            catch (Exception ended) when (ended is KlException or WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The client sees its connection end, as it would at the pod itself.
            }
        }
    }

    private static async Task SendAsync(KubeStreams pod, NetworkStream client, CancellationTokenSource over)
    {
        try
        {
            var buffer = new byte[32 * 1024];
            for (int count; (count = await client.ReadAsync(buffer, over.Token)) > 0;)
                await pod.SendAsync(0, buffer.AsMemory(0, count), over.Token);
            // The protocol cannot say that one side has no more to send; the pod's last words are given time.
            over.CancelAfter(LastWords);
        }
        catch (Exception ended) when (ended is IOException or WebSocketException)
        {
            await over.CancelAsync();
        }
    }

    private static async Task ReceiveAsync(KubeStreams pod, NetworkStream client, CancellationTokenSource over)
    {
        // Each channel begins with the port's number in two bytes.
        int[] head = [2, 2];
        try
        {
            await foreach (var (channel, piece) in pod.ReadAsync(over.Token))
            {
                var skip = Math.Min(head[channel & 1], piece.Length);
                head[channel & 1] -= skip;
                if (channel == 0)
                    await client.WriteAsync(piece[skip..], over.Token);
                else if (piece.Length > skip)
                    return;
            }
        }
        finally
        {
            await over.CancelAsync();
        }
    }
}
