using System.Collections.Concurrent;
using KubeLab.Engine.Machines.OpenStack.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KubeLab.Tests.OpenStack;

/// <summary>A proxy for a cloud's Nova and Neutron that counts changes, and can kill a process at one of them.</summary>
internal sealed class CloudGate : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, string> _services;
    private int _changes;

    private CloudGate(WebApplication app, Dictionary<string, string> services) => (_app, _services) = (app, services);

    /// <summary>The URLs of the services behind the proxy, by type, for a clouds.yaml.</summary>
    public IReadOnlyDictionary<string, string> Services =>
        _services.ToDictionary(one => one.Key, one => $"{_app.Urls.Single()}/{one.Key}{new Uri(one.Value).AbsolutePath.TrimEnd('/')}");

    /// <summary>The requests that change something: method and path.</summary>
    public ConcurrentQueue<string> Changes { get; } = new();

    /// <summary>The number of the change, counted from 1, at which the process is killed. Null: none.</summary>
    public int? KillAt { get; set; }

    /// <summary>Whether the process is killed before the cloud receives the request. Otherwise, it is killed before it receives the response.</summary>
    public bool Before { get; set; }

    /// <summary>Kills the process.</summary>
    public Action Kill { get; set; } = () => throw new InvalidOperationException("unexpected kill");

    public static async Task<CloudGate> OpenAsync(OpenStackCloud cloud)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var services = new[] { "compute", "network" }.ToDictionary(type => type, type =>
            cloud.Catalog.First(one => one.Type == type && one.Interface == "public").Url.AbsoluteUri);
        var gate = new CloudGate(builder.Build(), services);
        gate._app.Run(gate.PassAsync);
        await gate._app.StartAsync();
        return gate;
    }

    /// <summary>Resets the counter.</summary>
    public void Reset()
    {
        Changes.Clear();
        _changes = 0;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        var request = context.Request;
        var isLast = false;
        if (!HttpMethods.IsGet(request.Method))
        {
            Changes.Enqueue($"{request.Method} {request.Path}");
            isLast = Interlocked.Increment(ref _changes) == KillAt;
        }
        if (isLast && Before)
        {
            Kill();
            context.Abort();
            return;
        }
        using var answer = await _http.SendAsync(await CopyAsync(request), CancellationToken.None);
        var body = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
        if (isLast)
        {
            Kill();
            context.Abort();
            return;
        }
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers)
            .Where(one => one.Key is not ("Transfer-Encoding" or "Connection" or "Content-Length")))
            context.Response.Headers[name] = values.ToArray();
        if (body.Length > 0)
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private async Task<HttpRequestMessage> CopyAsync(HttpRequest request)
    {
        var path = request.Path.Value!.Split('/', 3);
        var copy = new HttpRequestMessage(new(request.Method), new Uri(new Uri(_services[path[1]]), "/" + path[2] + request.QueryString));
        if (request.ContentLength > 0)
        {
            var body = new MemoryStream();
            // A request that the process has sent is forwarded even if the process is killed.
            await request.Body.CopyToAsync(body, CancellationToken.None);
            copy.Content = new ByteArrayContent(body.ToArray());
        }
        foreach (var (name, values) in request.Headers.Where(one => one.Key is not ("Host" or "Content-Length" or "Connection")))
            if (!copy.Headers.TryAddWithoutValidation(name, values.ToArray()))
                copy.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        return copy;
    }
}
