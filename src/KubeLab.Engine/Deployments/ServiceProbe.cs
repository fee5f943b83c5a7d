using System.Net.Security;
using System.Net.Sockets;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Deployments;

/// <summary>Waits until the addresses of a new service respond: nodes route its port only some time after its pods are ready.</summary>
/// <remarks>Addresses that this computer cannot reach, for example in a private network, are skipped.</remarks>
internal static class ServiceProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    /// <param name="service">The service.</param>
    /// <param name="path">The HTTP path of the readiness probe, or null to test only whether a connection is accepted.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="events">Receives a warning for each address that does not respond.</param>
    /// <param name="stop">Cancels the operation.</param>
    public static Task WaitAsync(KlService service, string? path, TimeProvider clock, IProgress<LabEvent> events, CancellationToken stop) =>
        WaitAsync(service.Name, service.Addresses, address => path is null ? null
            : service.Urls.Select(url => new Uri(url)).FirstOrDefault(url => url.Authority == address || $"{url.Host}:{url.Port}" == address) is { } url
                ? new Uri(url, path) : null,
            clock, events, stop);

    /// <param name="name">The service.</param>
    /// <param name="addresses">Its addresses as host:port.</param>
    /// <param name="urlOf">The URL to request from an address, or null to test only whether a connection is accepted.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="events">Receives a warning for each address that does not respond.</param>
    /// <param name="stop">Cancels the operation.</param>
    public static async Task WaitAsync(string name, IReadOnlyList<string> addresses, Func<string, Uri?> urlOf, TimeProvider clock, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = AttemptTimeout,
            PooledConnectionLifetime = TimeSpan.Zero,
            // The certificate does not matter: only the response is tested, and no data is sent.
#pragma warning disable CA5359
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
        });
        events.Step(name, "waiting for its addresses to respond");
        await Task.WhenAll(addresses.Select(address => ProbeAsync(name, address,
            token => urlOf(address) is { } url ? RequestAsync(http, url, token) : ConnectAsync(address, token), clock, events, stop)));
    }

    private static async Task ProbeAsync(string name, string address, Func<CancellationToken, Task> request, TimeProvider clock, IProgress<LabEvent> events,
        CancellationToken stop)
    {
        var (_, verdict) = await Wait.TryUntilAsync(AttemptAsync, attempt => attempt, new(name, $"{address} to respond", Timeout, RetryInterval), clock, stop);
        if (verdict.State == VerdictState.Failed)
            events.Detail(name, $"{address} cannot be reached from this computer: {verdict.Reason}");
        else if (verdict.State == VerdictState.Pending)
            events.Warning(name, $"{address} does not respond yet: {verdict.Reason}");

        async Task<Verdict> AttemptAsync(CancellationToken token)
        {
            using var limit = new TimeLimit(AttemptTimeout, clock, token);
            try
            {
                await request(limit.Token);
                return Verdict.Ready;
            }
            catch (Exception error) when (!token.IsCancellationRequested && SocketErrorOf(error) is { } code)
            {
                var reason = error.GetBaseException().Message;
                return code is SocketError.ConnectionRefused or SocketError.ConnectionReset ? Verdict.Pending(reason) : Verdict.Failed(reason);
            }
            catch (Exception error) when (!token.IsCancellationRequested && error is HttpRequestException or IOException)
            {
                return Verdict.Pending(error.GetBaseException().Message);
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                return Verdict.Pending($"no response within {AttemptTimeout.TotalSeconds:0} s");
            }
        }
    }

    private static SocketError? SocketErrorOf(Exception error) => error.GetBaseException() is SocketException socket ? socket.SocketErrorCode : null;

    private static async Task RequestAsync(HttpClient http, Uri url, CancellationToken stop)
    {
        using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, stop);
    }

    private static async Task ConnectAsync(string address, CancellationToken stop)
    {
        var at = new Uri("tcp://" + address);
        using var client = new TcpClient();
        await client.ConnectAsync(at.DnsSafeHost, at.Port, stop);
    }
}
