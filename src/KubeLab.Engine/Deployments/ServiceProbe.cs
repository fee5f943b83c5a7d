using System.Net.Security;
using System.Net.Sockets;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Deployments;

/// <summary>Waits until a new service's addresses answer from this computer: a node routes its port only some time after the service has ready pods.</summary>
/// <remarks>Addresses that this computer cannot reach at all (a private network) are left to those who can.</remarks>
internal static class ServiceProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="service">The service.</param>
    /// <param name="path">The path that its readiness probe asks by HTTP, or null: it is enough that a connection is accepted.</param>
    /// <param name="clock">Time.</param>
    /// <param name="events">Warns of each address that refuses connections to the end.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task WaitAsync(KlService service, string? path, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = OneTry,
            PooledConnectionLifetime = TimeSpan.Zero,
            // Asked whether it answers, and told nothing.
#pragma warning disable CA5359
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
        });
        events.Step(service.Name, "waiting for its addresses to answer");
        await Task.WhenAll(service.Addresses.Select(address =>
        {
            var url = path is null ? null : service.Urls.FirstOrDefault(url => url.Authority == address || $"{url.Host}:{url.Port}" == address);
            return OneAsync(service.Name, address, token => url is null ? ConnectAsync(address, token) : AskAsync(http, new Uri(url, path), token), clock, events, stop);
        }));
    }

    private static async Task OneAsync(string name, string address, Func<CancellationToken, Task> ask, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop)
    {
        for (var start = clock.GetTimestamp(); ; await Task.Delay(Pause, clock, stop))
        {
            using var late = new CancellationTokenSource(OneTry, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
            string why;
            try
            {
                await ask(either.Token);
                return;
            }
            catch (Exception error) when (!stop.IsCancellationRequested && SocketErrorOf(error) is { } code && code is not (SocketError.ConnectionRefused or SocketError.ConnectionReset))
            {
                events.Detail(name, $"{address} cannot be reached from this computer: {error.GetBaseException().Message}");
                return;
            }
            catch (Exception error) when (!stop.IsCancellationRequested && error is HttpRequestException or SocketException or IOException or OperationCanceledException)
            {
                why = error is OperationCanceledException ? $"no answer within {OneTry.TotalSeconds:0} s" : error.GetBaseException().Message;
            }
            if (clock.GetElapsedTime(start) >= Limit)
            {
                events.Warning(name, $"{address} does not answer yet: {why}");
                return;
            }
        }
    }

    private static SocketError? SocketErrorOf(Exception error) => error.GetBaseException() is SocketException socket ? socket.SocketErrorCode : null;

    private static async Task AskAsync(HttpClient http, Uri url, CancellationToken stop)
    {
        using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, stop);
    }

    private static async Task ConnectAsync(string address, CancellationToken stop)
    {
        var at = new Uri("tcp://" + address);
        using var client = new TcpClient();
        await client.ConnectAsync(at.DnsSafeHost, at.Port, stop);
    }
}
