using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Images;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KubeLab.Tests.Images;

/// <summary>A registry on loopback that follows the distribution specification, records its requests and can simulate failures.</summary>
internal sealed class LoopbackRegistry : IAsyncDisposable
{
    private const string Password = "right";
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _uploads = new();
    private int _next;

    private LoopbackRegistry()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    /// <summary>Blob contents by "repository@digest".</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>Manifests by "repository:tag".</summary>
    public ConcurrentDictionary<string, byte[]> Manifests { get; } = new();

    /// <summary>The method and path of each request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The number of attempted uploads.</summary>
    public int Uploads => Requests.Count(IsUpload);

    /// <summary>Whether a request uploads a blob.</summary>
    public static bool IsUpload(string request) =>
        request.StartsWith("PUT", StringComparison.Ordinal) && request.Contains("/uploads/", StringComparison.Ordinal);

    /// <summary>The number of uploads whose connection is dropped after <see cref="DropAfter"/> bytes.</summary>
    public int Drops { get; set; }

    public int DropAfter { get; set; } = 100_000;

    /// <summary>The number of successful uploads whose response is lost.</summary>
    public int LosesResponses { get; set; }

    /// <summary>The number of requests that get the status 503.</summary>
    public int Busy { get; set; }

    public bool RejectsMounts { get; set; }

    /// <summary>The content of every manifest that is read by digest, or null.</summary>
    public byte[]? ForgedManifest { get; set; }

    /// <summary>The address for uploads instead of the registry's address, or null.</summary>
    public string? UploadAddress { get; set; }

    /// <summary>A fixed status and header for all responses, or null.</summary>
    public (int Status, string Header, string Value)? FixedResponse { get; set; }

    /// <summary>Whether all responses are endless.</summary>
    public bool IsEndless { get; set; }

    /// <summary>The Authorization header of each request, or null.</summary>
    public ConcurrentQueue<string?> Passwords { get; } = new();

    /// <summary>Accepts requests without a password.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Called when an upload arrives, before it is read.</summary>
    public Action Arrived { get; set; } = () => { };

    /// <summary>Completes when uploads may be read.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public KlRegistry Registry(string password = Password) => new()
    {
        Address = new Uri(_app.Urls.First()).Authority,
        CaCertificate = "",
        Credential = new("kubelab", password),
        Cluster = TestCluster.Named("lab"),
    };

    public static async Task<LoopbackRegistry> StartAsync()
    {
        var registry = new LoopbackRegistry();
        await registry._app.StartAsync();
        return registry;
    }

    public RegistryClient Client(string password = Password) =>
        new(Registry(password), Dial.TcpAsync, TimeProvider.System, "http") { Pause = TimeSpan.FromMilliseconds(1) };

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        Passwords.Enqueue(request.Headers.Authorization);
        while (IsEndless && !context.RequestAborted.IsCancellationRequested)
            await response.Body.WriteAsync(new byte[1 << 20], context.RequestAborted);
        if (FixedResponse is var (code, header, value))
        {
            response.StatusCode = code;
            response.Headers[header] = value;
            return;
        }
        var authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("kubelab:" + Password));
        var status = !IsOpen && request.Headers.Authorization != authorization ? 401
            : Busy-- > 0 ? 503
            : request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[1..] switch
            {
                [] => 200,
                ["_catalog"] => await CatalogAsync(response),
                [var name, "manifests", var tag] => await ManifestAsync(context, name, tag),
                [var name, "blobs", "uploads"] => Begin(context, name),
                [var name, "blobs", "uploads", var id] => await UploadAsync(context, name, id),
                [var name, "blobs", var digest] => Blobs.ContainsKey($"{name}@{digest}") ? 200 : 404,
                _ => 404,
            };
        if (!response.HasStarted)
            response.StatusCode = status;
    }

    private async Task<int> ManifestAsync(HttpContext context, string name, string tag)
    {
        if (context.Request.Method == "PUT")
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var manifest = JsonNode.Parse(body.ToArray())!;
            // As in a real registry, the type must be that of the content.
            if (manifest["mediaType"] is { } type && context.Request.ContentType != (string?)type)
                return 400;
            var blobs = manifest["layers"]?.AsArray().Append(manifest["config"]).Select(blob => (string)blob!["digest"]!) ?? [];
            // As in a real registry, a manifest with missing blobs is MANIFEST_BLOB_UNKNOWN.
            if (blobs.Any(digest => !Blobs.ContainsKey($"{name}@{digest}")))
                return 404;
            Manifests[$"{name}:{tag}"] = body.ToArray();
            return 201;
        }
        var found = Manifests.GetValueOrDefault($"{name}:{tag}")
            ?? Manifests.FirstOrDefault(one => one.Key.StartsWith(name + ":", StringComparison.Ordinal) && Digests.Of(one.Value) == tag).Value;
        if (found is null || JsonNode.Parse(found)!["mediaType"] is { } wanted && !context.Request.Headers.Accept.ToString().Contains((string)wanted!))
            return 404;
        if (ForgedManifest is not null && tag.StartsWith("sha256:", StringComparison.Ordinal))
            found = ForgedManifest;
        context.Response.Headers["Docker-Content-Digest"] = Digests.Of(found);
        if (context.Request.Method == "GET")
            await context.Response.BodyWriter.WriteAsync(found);
        return 200;
    }

    private int Begin(HttpContext context, string name)
    {
        var query = context.Request.Query;
        if (query.ContainsKey("mount") && !RejectsMounts && Blobs.TryGetValue($"{query["from"]}@{query["mount"]}", out var blob))
        {
            Blobs[$"{name}@{query["mount"]}"] = blob;
            return 201;
        }
        var id = $"{Interlocked.Increment(ref _next)}";
        _uploads[id] = name;
        context.Response.Headers.Location = $"{UploadAddress}/v2/{name}/blobs/uploads/{id}?state=x";
        return 202;
    }

    private async Task<int> UploadAsync(HttpContext context, string name, string id)
    {
        if (!_uploads.TryRemove(id, out _) && !IsOpen)
            return 404;
        if (context.Request.Method == "DELETE")
            return 204;
        Arrived();
        await Gate.WaitAsync(context.RequestAborted);
        using var content = new MemoryStream();
        var buffer = new byte[8192];
        while (await context.Request.Body.ReadAsync(buffer) is > 0 and var count)
        {
            await content.WriteAsync(buffer.AsMemory(0, count));
            if (Drops > 0 && content.Length >= DropAfter)
            {
                Drops--;
                context.Abort();
                return 500;
            }
        }
        var digest = context.Request.Query["digest"].ToString();
        if (digest != Digests.Of(content.ToArray()))
            return 400;
        Blobs[$"{name}@{digest}"] = content.ToArray();
        if (LosesResponses-- > 0)
            context.Abort();
        return 201;
    }

    private async Task<int> CatalogAsync(HttpResponse response)
    {
        var names = Blobs.Keys.Select(key => key.Split('@')[0]).Distinct();
        await response.WriteAsync(new JsonObject { ["repositories"] = new JsonArray([.. names.Select(name => (JsonNode)name)]) }.ToJsonString());
        return 200;
    }
}
