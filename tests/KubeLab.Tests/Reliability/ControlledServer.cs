using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KubeLab.Tests.Reliability;

/// <summary>A loopback HTTP server that does with each request what the test says. Text behaviours use ASCII.</summary>
internal sealed class ControlledServer : IDisposable
{
    public delegate Task Behaviour(string path, Socket client);

    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _requests;
    private int _connections;

    public ControlledServer(Behaviour does)
    {
        Does = does;
        _listener.Start();
        Url = new Uri($"http://{_listener.LocalEndpoint}/");
        _ = AcceptAsync();
    }

    public Uri Url { get; }

    public Behaviour Does { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    public int Connections => Volatile.Read(ref _connections);

    public static Behaviour Answer(int status, string body = "", string headers = "") =>
        Raw($"HTTP/1.1 {status} Text\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}");

    public static Behaviour Raw(string text, bool closes = false) => async (_, client) =>
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(text));
        if (closes)
            client.Close();
    };

    /// <summary>Closes the connection with a reset.</summary>
    public static Task Reset(string path, Socket client)
    {
        client.LingerState = new(true, 0);
        client.Close();
        return Task.CompletedTask;
    }

    /// <summary>Sends nothing until the client closes the connection.</summary>
    public static async Task Hang(string path, Socket client) => await client.ReceiveAsync(new byte[1]);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptSocketAsync();
            Interlocked.Increment(ref _connections);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
            for (var (buffer, text) = (new byte[8192], ""); await client.ReceiveAsync(buffer) is > 0 and var read;)
            {
                text += Encoding.ASCII.GetString(buffer, 0, read);
                if (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                    continue;
                Interlocked.Increment(ref _requests);
                await Does(text.Split(' ')[1], client);
                text = "";
            }
    }
}
