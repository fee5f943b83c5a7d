using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability;

/// <summary>A headless Chromium without a network, driven by its DevTools protocol. It starts with the first page.</summary>
public sealed class Chromium : IAsyncLifetime, IDisposable
{
    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("klt-chromium-");
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _calls = new();
    private readonly ConcurrentDictionary<string, ChromiumPage> _pages = new();
    private readonly SemaphoreSlim _lock = new(1);
    private Process? _process;
    private Task? _reading;
    private int _lastCall;

    /// <summary>Opens an empty page.</summary>
    internal async Task<ChromiumPage> OpenAsync(int width, bool isDark, string media = "screen")
    {
        await StartAsync();
        var target = await CallAsync("Target.createTarget", new() { ["url"] = "about:blank" });
        var attached = await CallAsync("Target.attachToTarget", new() { ["targetId"] = target["targetId"]!.DeepClone(), ["flatten"] = true });
        var page = _pages[(string)attached["sessionId"]!] = new(this, (string)attached["sessionId"]!);
        foreach (var domain in (string[])["Page", "Runtime", "Log"])
            await page.CallAsync($"{domain}.enable");
        await page.CallAsync("Emulation.setDeviceMetricsOverride",
            new() { ["width"] = width, ["height"] = 800, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        var scheme = new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" };
        await page.CallAsync("Emulation.setEmulatedMedia", new() { ["media"] = media, ["features"] = new JsonArray(scheme) });
        return page;
    }

    internal async Task<JsonNode> CallAsync(string method, JsonObject? parameters = null, string? session = null)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var answer = _calls[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null)
            message["sessionId"] = session;
        await _lock.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, default);
        }
        finally
        {
            _lock.Release();
        }
        return await answer.Task.WaitAsync(Gates.Timeout);
    }

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_process is null)
            return;
        try
        {
            await CallAsync("Browser.close");
            await _process.WaitForExitAsync().WaitAsync(Gates.Timeout);
        }
        finally
        {
            _process.Kill(entireProcessTree: true);
            await (_reading ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process?.Dispose();
        _socket.Dispose();
        _lock.Dispose();
        _profile.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        if (_process is not null)
            return;
        string[] arguments =
        [
            "--headless=new", "--hide-scrollbars", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-crash-reporter", "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-port=0",
            $"--user-data-dir={_profile.FullName}", "about:blank",
        ];
        _process = Process.Start(new ProcessStartInfo("chromium", arguments) { RedirectStandardError = true })!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        const string Announcement = "DevTools listening on ";
        var output = new StringBuilder();
        _process.ErrorDataReceived += (_, line) =>
        {
            output.AppendLine(line.Data);
            if (line.Data is null)
                address.TrySetException(new InvalidOperationException($"chromium has exited:\n{output}"));
            else if (line.Data.StartsWith(Announcement, StringComparison.Ordinal))
                address.TrySetResult(new(line.Data[Announcement.Length..]));
        };
        _process.BeginErrorReadLine();
        await _socket.ConnectAsync(await address.Task.WaitAsync(Gates.Timeout), default);
        _reading = ReadAsync();
    }

    private async Task ReadAsync()
    {
        var (part, message) = (new byte[1 << 16], new MemoryStream());
        while (await _socket.ReceiveAsync(part.AsMemory(), default) is { MessageType: not WebSocketMessageType.Close } received)
        {
            await message.WriteAsync(part.AsMemory(0, received.Count));
            if (!received.EndOfMessage)
                continue;
            var node = JsonNode.Parse(message.ToArray())!;
            message.SetLength(0);
            if (node["id"] is { } id && _calls.TryRemove((int)id, out var call))
            {
                if (node["result"] is { } result)
                    call.TrySetResult(result);
                else
                    call.TrySetException(new InvalidOperationException(node.ToJsonString()));
            }
            else if ((string?)node["sessionId"] is { } session && _pages.TryGetValue(session, out var page))
                page.Receive((string)node["method"]!, node["params"]!);
        }
    }
}

/// <summary>A page of the browser.</summary>
internal sealed class ChromiumPage(Chromium browser, string session)
{
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _console = new();

    /// <summary>All messages of the console, including errors, violations of the content security policy and exceptions.</summary>
    public IReadOnlyCollection<string> Console => _console;

    public Task<JsonNode> CallAsync(string method, JsonObject? parameters = null) => browser.CallAsync(method, parameters, session);

    public async Task LoadAsync(string file)
    {
        await CallAsync("Page.navigate", new() { ["url"] = new Uri(file).AbsoluteUri });
        await _loaded.Task.WaitAsync(Gates.Timeout);
    }

    /// <summary>Evaluates JavaScript and returns its value.</summary>
    public async Task<T> EvaluateAsync<T>(string script)
    {
        var answer = await CallAsync("Runtime.evaluate", new() { ["expression"] = script, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.True(answer["exceptionDetails"] is null, answer.ToJsonString());
        return answer["result"]!["value"]!.Deserialize<T>(JsonSerializerOptions.Web)!;
    }

    /// <summary>Saves a picture of the whole page in TestResults.</summary>
    public async Task SaveAsync(string name)
    {
        var picture = await CallAsync("Page.captureScreenshot", new() { ["captureBeyondViewport"] = true });
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "TestResults"));
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, name), Convert.FromBase64String((string)picture["data"]!));
    }

    public void Receive(string method, JsonNode parameters)
    {
        if (method == "Page.loadEventFired")
            _loaded.TrySetResult();
        else if (method is "Log.entryAdded" or "Runtime.consoleAPICalled" or "Runtime.exceptionThrown")
            _console.Enqueue(parameters.ToJsonString());
    }
}
