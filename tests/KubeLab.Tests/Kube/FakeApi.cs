using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Kube.Config;
using KubeLab.Tests.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace KubeLab.Tests.Kube;

/// <summary>An API server that returns the responses of a test in order, and rejects all other requests.</summary>
internal sealed partial class FakeApi : IAsyncDisposable
{
    private static int _count;

    private readonly ConcurrentDictionary<string, ConcurrentQueue<RequestDelegate>> _answers = new();
    private readonly WebApplication _app;

    private FakeApi(WebApplication app) => _app = app;

    /// <summary>All requests: method, path and query.</summary>
    public ConcurrentQueue<string> Seen { get; } = new();

    /// <summary>The bodies of the requests.</summary>
    public ConcurrentQueue<(string? Type, string Text)> Bodies { get; } = new();

    /// <summary>The headers of the requests.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string[]>> Headers { get; } = new();

    /// <summary>Opens clusters. <see cref="Open"/> opens this server.</summary>
    public KubeSession Session { get; } = new(TimeProvider.System);

    /// <summary>The connections of the requests.</summary>
    public ConcurrentDictionary<string, bool> Connections { get; } = new();

    public string Url => _app.Urls.Single();

    /// <summary>Starts a server, with TLS if it has a certificate.</summary>
    public static async Task<FakeApi> StartAsync(X509Certificate2? certificate = null,
        Func<X509Certificate2, bool>? clients = null, Action<X509Chain?>? chains = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // Each server has its own address, because ports are reused and clients cache data by address.
        var number = Interlocked.Increment(ref _count);
        builder.WebHost.UseUrls(certificate is null ? $"http://127.1.{number >> 8}.{number & 255}:0" : "https://127.0.0.1:0");
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.ConfigureHttpsDefaults(https =>
            {
                https.ServerCertificate = certificate;
                https.ClientCertificateMode = clients is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (shown, chain, _) =>
                {
                    chains?.Invoke(chain);
                    return clients!(shown);
                };
            }));
        var fake = new FakeApi(builder.Build());
        fake._app.UseWebSockets();
        fake._app.Run(fake.AnswerAsync);
        await fake._app.StartAsync();
        return fake;
    }

    /// <summary>Adds responses to a method and path.</summary>
    public FakeApi On(string request, params RequestDelegate[] answers)
    {
        foreach (var answer in answers)
            _answers.GetOrAdd(request, _ => new()).Enqueue(answer);
        return this;
    }

    public KubeApi Open(TimeSpan? requestTimeout = null, TimeSpan? keepAlive = null, TimeProvider? clock = null) =>
        new(clock is null ? Session : new KubeSession(clock), new KubeSettings(new Uri(Url)), "kubelab-lab")
        { RequestTimeout = requestTimeout ?? Gates.Timeout, KeepAlive = keepAlive ?? TimeSpan.FromSeconds(30) };

    public static RequestDelegate Json(string text, int code = 200, int? retryAfter = null) => async context =>
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        if (retryAfter is { } seconds)
            context.Response.Headers.RetryAfter = $"{seconds}";
        await context.Response.WriteAsync(text);
    };

    public static RequestDelegate Status(int code, string reason, string message, string more = "") =>
        Json($$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":"""
            + $$"""{{code}}{{more}}}""", code);

    /// <summary>Sends the lines of a watch, then ends it.</summary>
    public static RequestDelegate Lines(params string[] lines) => Lines(null, lines);

    /// <summary>Sends the lines of a watch, then aborts its connection on request.</summary>
    public static RequestDelegate Lines(Task? cut, params string[] lines) => async context =>
    {
        foreach (var line in lines)
        {
            await context.Response.WriteAsync(line + "\n");
            await context.Response.Body.FlushAsync();
        }
        if (cut is null)
            return;
        await cut.WaitAsync(context.RequestAborted);
        context.Abort();
    };

    public static RequestDelegate Hang { get; } = context => Task.Delay(Timeout.Infinite, context.RequestAborted);

    /// <summary>Accepts a WebSocket with a protocol. Requests without it are rejected like by old servers.</summary>
    public static RequestDelegate Socket(string protocol, Func<WebSocket, Task> talk) => async context =>
    {
        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(protocol))
        {
            context.Response.StatusCode = 403;
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        await talk(socket);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    };

    /// <summary>Sends data on a channel.</summary>
    public static Task SayAsync(WebSocket socket, byte channel, byte[] data) =>
        socket.SendAsync((byte[])[channel, .. data], WebSocketMessageType.Binary, endOfMessage: true, default);

    /// <summary>Receives the next message: its channel and data.</summary>
    public static async Task<(byte Channel, byte[] Data)> HearAsync(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var got = await socket.ReceiveAsync(buffer, default);
        return (buffer[0], buffer[1..got.Count]);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        Session.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Headers.Enqueue(context.Request.Headers.ToDictionary(header => header.Key, header =>
            header.Value.Select(value => value ?? "").ToArray(), StringComparer.OrdinalIgnoreCase));
        Connections[context.Connection.Id] = true;
        Seen.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (!context.WebSockets.IsWebSocketRequest && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
            Bodies.Enqueue((context.Request.ContentType, await new StreamReader(context.Request.Body).ReadToEndAsync()));
        var request = RandomName().Replace($"{context.Request.Method} {context.Request.Path}", "kubelab-test-*");
        if (_answers.TryGetValue(request, out var queue) && queue.TryDequeue(out var answer))
            await answer(context);
        else
            await Status(418, "Unexpected", $"the test did not expect {context.Request.Method} {context.Request.Path}")(context);
    }

    // The namespaces of checks have random names.
    [GeneratedRegex("kubelab-test-[0-9a-f]+")]
    private static partial Regex RandomName();
}
