using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>Connects the terminal of this process with a program in a container.</summary>
/// <param name="streams">The connection to the program.</param>
/// <param name="terminal">The terminal.</param>
/// <param name="isAttached">The program was already running. Ctrl+P, Ctrl+Q detaches from it.</param>
/// <param name="stop">Cancels the session.</param>
internal sealed class TerminalSession(KubeStreams streams, ITerminal terminal, bool isAttached, CancellationToken stop) : IDisposable
{
    private const byte CtrlP = 0x10;
    private const byte CtrlQ = 0x11;

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly Channel<(int Width, int Height)> _sizes =
        Channel.CreateBounded<(int Width, int Height)>(new BoundedChannelOptions(2) { FullMode = BoundedChannelFullMode.DropOldest });
    private Task[] _tasks = [];
    private bool _wasCtrlP;

    /// <summary>Runs until the program ends.</summary>
    /// <returns>The exit status, or null if the server sent none.</returns>
    /// <exception cref="WebSocketException">The connection was lost.</exception>
    /// <exception cref="OperationCanceledException">The session was canceled, the user has detached, or the terminal has failed.</exception>
    public async Task<V1Status?> RunAsync()
    {
        using var resized = terminal.WhenResized(() => _sizes.Writer.TryWrite(terminal.Size));
        // A running program redraws its screen only when the size changes.
        if (isAttached)
            _sizes.Writer.TryWrite((terminal.Size.Width + 1, terminal.Size.Height + 1));
        _sizes.Writer.TryWrite(terminal.Size);
        _tasks = [ResizeAsync(), TypeAsync()];
        try
        {
            return await streams.ReadToEndAsync((_, data) => terminal.WriteAsync(data, _end.Token), _end.Token);
        }
        finally
        {
            await _end.CancelAsync();
            await Task.WhenAll(_tasks).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Throws the error of the terminal, if it has failed.</summary>
    public Task ThrowFailureAsync() => Task.WhenAll(_tasks.Where(task => task.IsFaulted));

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();

    // kubernetes pkg/kubelet/cri/streaming/remotecommand: a TerminalSize as JSON.
    private async Task ResizeAsync()
    {
        await foreach (var (width, height) in _sizes.Reader.ReadAllAsync(_end.Token))
            await streams.SendAsync(KubeStreams.Resize, Encoding.UTF8.GetBytes($$"""{"Width":{{width}},"Height":{{height}}}"""), _end.Token);
    }

    private async Task TypeAsync()
    {
        var buffer = new byte[4096];
        while (await KeysAsync(buffer) is > 0 and var count)
        {
            var typed = buffer.AsMemory(0, count);
            if (isAttached && IsDetach(typed.Span))
            {
                await _end.CancelAsync();
                return;
            }
            await streams.SendAsync(KubeStreams.Input, typed, _end.Token);
        }
        await streams.EndInputAsync(_end.Token);
    }

    private async Task<int> KeysAsync(byte[] buffer)
    {
        try
        {
            return await terminal.ReadAsync(buffer, _end.Token);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Without input the session cannot continue.
            _ = _end.CancelAsync();
            throw;
        }
    }

    private bool IsDetach(ReadOnlySpan<byte> typed)
    {
        foreach (var key in typed)
        {
            if (_wasCtrlP && key == CtrlQ)
                return true;
            _wasCtrlP = key == CtrlP;
        }
        return false;
    }
}
