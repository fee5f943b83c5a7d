using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace KubeLab.Tests.OpenStack.Client;

/// <summary>A cloud that returns the responses of a test in order, and rejects all other requests. It accepts every login by default.</summary>
internal sealed class FakeCloud : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<RequestDelegate>> _answers = new();
    private readonly WebApplication _app;
    private int _logins;

    private FakeCloud(WebApplication app) => _app = app;

    /// <summary>All requests except those to Keystone: method, path and query.</summary>
    public ConcurrentQueue<string> Seen { get; } = new();

    /// <summary>The headers of the requests.</summary>
    public ConcurrentQueue<IHeaderDictionary> Headers { get; } = new();

    /// <summary>The bodies of logins.</summary>
    public ConcurrentQueue<JsonNode> LoginBodies { get; } = new();

    /// <summary>The response of Keystone. Null: it accepts the login.</summary>
    public RequestDelegate? OnLogin { get; set; }

    /// <summary>The catalog: service type and endpoint path.</summary>
    public Dictionary<string, string> Catalog { get; } = new() { ["compute"] = "/compute/v2.1", ["network"] = "/network", ["image"] = "/image/v2" };

    public DateTimeOffset Expires { get; set; } = DateTimeOffset.UtcNow.AddHours(1);

    public string? Project { get; set; } = "lab";

    public int Logins => _logins;

    public string Url => _app.Urls.Single();

    public CloudConfig Config => new()
    {
        Name = "lab", Source = "clouds.yaml", AuthUrl = new(Url + "/identity/v3"), Project = new(null, "lab"),
        Login = new PasswordLogin(new(null, "someone"), new NetworkCredential("", "s3cret")),
    };

    /// <summary>Starts the cloud.</summary>
    /// <param name="certificate">The server certificate. Null: no TLS.</param>
    /// <param name="client">The required client certificate. Null: none.</param>
    public static async Task<FakeCloud> StartAsync(X509Certificate2? certificate = null, X509Certificate2? client = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(certificate is null ? "http://127.0.0.1:0" : "https://127.0.0.1:0");
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(all => all.ConfigureHttpsDefaults(https =>
            {
                https.ServerCertificate = certificate;
                https.ClientCertificateMode = client is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (shown, _, _) => shown.Thumbprint == client?.Thumbprint;
            }));
        var fake = new FakeCloud(builder.Build());
        fake._app.Run(fake.AnswerAsync);
        await fake._app.StartAsync();
        fake.On("GET /compute/v2.1/", Versions("v2.1", "2.1", "2.96"));
        fake.On("GET /network/", Json("""{"versions":[{"id":"v2.0","status":"CURRENT","links":[{"rel":"self","href":"http://elsewhere.invalid/v2.0/"}]}]}"""));
        return fake;
    }

    /// <summary>Adds responses to a method and path. The last one is repeated.</summary>
    public FakeCloud On(string request, params RequestDelegate[] answers)
    {
        _answers[request] = new(answers);
        return this;
    }

    public Task<OpenStackCloud> OpenAsync(TimeProvider? clock = null, CloudConfig? config = null, TimeSpan? timeout = null) =>
        OpenStackCloud.ConnectAsync(config ?? Config, clock ?? TimeProvider.System, CancellationToken.None,
            Quick with { RequestTimeout = timeout ?? TimeSpan.FromSeconds(20) });

    public static CloudTuning Quick { get; } = new() { Pause = TimeSpan.FromMilliseconds(5), ConnectTimeout = TimeSpan.FromSeconds(20) };

    public static RequestDelegate Json(string text, int code = 200, params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.Headers["x-openstack-request-id"] = "req-1";
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        if (code != 204)
            await context.Response.WriteAsync(text);
    };

    public static RequestDelegate Versions(string id, string least, string most) =>
        Json($$$"""{"version":{"id":"{{{id}}}","min_version":"{{{least}}}","version":"{{{most}}}","links":["""
            + $$$"""{"rel":"self","href":"http://elsewhere.invalid/v2.1/"}]}}""");

    public static RequestDelegate Cut { get; } = context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    public static RequestDelegate Hang { get; } = context => Task.Delay(Timeout.Infinite, context.RequestAborted);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = $"{context.Request.Method} {context.Request.Path}";
        if (request == "POST /identity/v3/auth/tokens")
        {
            await LogInAsync(context);
            return;
        }
        Seen.Enqueue(request + context.Request.QueryString);
        Headers.Enqueue(new HeaderDictionary(context.Request.Headers.ToDictionary(one => one.Key, one => one.Value)));
        if (_answers.TryGetValue(request, out var queue) && (queue.Count > 1 ? queue.TryDequeue(out var answer) : queue.TryPeek(out answer)))
            await answer(context);
        else
            await Json($$$"""{"error":{"message":"the test did not expect {{{request}}}"}}""", 418)(context);
    }

    private async Task LogInAsync(HttpContext context)
    {
        LoginBodies.Enqueue((await JsonNode.ParseAsync(context.Request.Body))!);
        var number = Interlocked.Increment(ref _logins);
        if (OnLogin is { } refuse)
        {
            await refuse(context);
            return;
        }
        var services = Catalog.Select(one =>
            $$$"""{"type":"{{{one.Key}}}","endpoints":[{"interface":"public","region_id":"one","url":"{{{Url}}}{{{one.Value}}}"}]}""");
        var project = Project is null ? "" : $$$""","project":{"id":"p1","name":"{{{Project}}}"}""";
        await Json($$$"""{"token":{"expires_at":"{{{Expires.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}}}","user":"""
            + $$$"""{"id":"u1","name":"someone"}{{{project}}},"catalog":[{{{string.Join(",", services)}}}]}}""",
            201, ("X-Subject-Token", $"token-{number}"))(context);
    }
}
