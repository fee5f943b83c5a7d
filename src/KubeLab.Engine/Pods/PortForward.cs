using System.Net.Sockets;
using System.Net.WebSockets;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>A listening port that forwards each connection to a pod.</summary>
internal sealed class PortForward : IAsyncDisposable
{
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

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
        catch (Exception error) when (error is OperationCanceledException or SocketException)
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
                using var limit = new TimeLimit(_api.Clock, _stop.Token);
                await Task.WhenAll(SendAsync(pod, client.GetStream(), limit), ReceiveAsync(pod, client.GetStream(), limit));
            }
            catch (Exception error) when (error is KlException or WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The client's connection is closed, as it would be by the pod itself.
            }
        }
    }

    private static async Task SendAsync(KubeStreams pod, NetworkStream client, TimeLimit limit)
    {
        try
        {
            var buffer = new byte[32 * 1024];
            for (int count; (count = await client.ReadAsync(buffer, limit.Token)) > 0;)
                await pod.SendAsync(0, buffer.AsMemory(0, count), limit.Token);
            // The protocol cannot signal the end of input, so the pod gets some time to finish its response.
            limit.Restart(ResponseTimeout);
        }
        catch (Exception error) when (error is IOException or WebSocketException)
        {
            await limit.EndAsync();
        }
    }

    private static async Task ReceiveAsync(KubeStreams pod, NetworkStream client, TimeLimit limit)
    {
        // Each channel starts with the port number in two bytes.
        int[] head = [2, 2];
        try
        {
            await foreach (var (channel, piece) in pod.ReadAsync(limit.Token))
            {
                var skip = Math.Min(head[channel & 1], piece.Length);
                head[channel & 1] -= skip;
                if (channel == 0)
                    await client.WriteAsync(piece[skip..], limit.Token);
                else if (piece.Length > skip)
                    return;
            }
        }
        finally
        {
            await limit.EndAsync();
        }
    }
}
