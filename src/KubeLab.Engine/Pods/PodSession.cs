using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>An interactive session with a program in a container.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class PodSession(KubeSession kube)
{
    private const byte Input = 0;
    private const byte Output = 1;
    private const byte Error = 2;
    private const byte End = 3;
    private const byte Resize = 4;
    private const byte CtrlP = 0x10;
    private const byte CtrlQ = 0x11;

    /// <summary>bash if the container has it, otherwise sh.</summary>
    public static IReadOnlyList<string> Shell { get; } = ["sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"];

    /// <summary>Runs a program in a container on the terminal, or attaches to the main process of the container.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="pod">The pod, or KIND/NAME for a pod of another object.</param>
    /// <param name="container">The container, or null for the only one.</param>
    /// <param name="command">The program and its arguments; null attaches to the main process of the container. If this process has a terminal, Ctrl+P,
    /// Ctrl+Q detaches; otherwise its output is shown.</param>
    /// <param name="open">Opens the terminal. Called after connecting, and only if the program has a terminal.</param>
    /// <param name="show">Receives the output of a program without a terminal.</param>
    /// <param name="stop">Cancels the operation and closes the connection.</param>
    /// <returns>The exit code; null after detaching, or if it is unknown.</returns>
    /// <exception cref="KlException">PodNotFound, ContainerNotFound, ContainerNotNamed, PodCommandFailed (it did not start), PodConnectionLost,
    /// and the errors of KubeApi.</exception>
    public async Task<int?> EnterAsync(string? cluster, string? ns, string pod, string? container, IReadOnlyList<string>? command,
        Func<ITerminal> open, Stream show, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return await EnterAsync(api, ns, pod, container, command, open, show, stop);
    }

    internal static async Task<int?> EnterAsync(KubeApi api, string? ns, string pod, string? container, IReadOnlyList<string>? command,
        Func<ITerminal> open, Stream show, CancellationToken stop)
    {
        var found = await PodContainer.PodAsync(api, ns, pod, stop);
        var at = PodContainer.Of(found, container);
        var hasTerminal = command is not null || found.Spec.Containers.FirstOrDefault(c => c.Name == at.Container) is { Tty: true, Stdin: true };
        return await EnterAsync(api, at, command, hasTerminal ? open : null, show, stop);
    }

    private static async Task<int?> EnterAsync(KubeApi api, PodContainer at, IReadOnlyList<string>? command, Func<ITerminal>? open, Stream show,
        CancellationToken stop)
    {
        var process = command is null ? null : new PodProcess(api, at, command[0]);
        using var streams = await api.AttachAsync(at.Namespace, at.Pod, at.Container, command, open is not null, stop);
        process?.Accepted();
        using var terminal = open?.Invoke();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var sizes = Channel.CreateBounded<(int Width, int Height)>(new BoundedChannelOptions(2) { FullMode = BoundedChannelFullMode.DropOldest });
        using var resized = terminal?.WhenResized(() => sizes.Writer.TryWrite(terminal.Size));
        List<Task> tasks = [];
        if (terminal is not null)
        {
            // A running program redraws its screen only when the size changes.
            if (command is null)
                sizes.Writer.TryWrite((terminal.Size.Width + 1, terminal.Size.Height + 1));
            sizes.Writer.TryWrite(terminal.Size);
            tasks = [ResizeAsync(), TypeAsync()];
        }
        using var status = new MemoryStream();
        try
        {
            await foreach (var (channel, data) in streams.ReadAsync(cancellation.Token))
                if (channel is Output or Error)
                    await (terminal?.WriteAsync(data, cancellation.Token) ?? show.WriteAsync(data, cancellation.Token));
                else if (channel == End)
                    status.Write(data.Span);
        }
        catch (WebSocketException error) when (status.Length == 0)
        {
            throw PodCommands.ConnectionLost(at, error);
        }
        catch (WebSocketException)
        {
            // The exit status was already received.
        }
        catch (OperationCanceledException)
        {
            if (process is not null)
                await process.StopAsync();
            stop.ThrowIfCancellationRequested();
            // The user has detached, or the terminal has failed.
            await Task.WhenAll(tasks.Where(task => task.IsFaulted));
            return null;
        }
        finally
        {
            await cancellation.CancelAsync();
            await Task.WhenAll(tasks).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        // The exit status is not sent to an attached session.
        return status.Length > 0 ? PodCommands.CodeOf(at, KubeApi.StatusOf(status.ToArray())) : command is null ? null
            : throw PodCommands.ConnectionLost(at, null);

        // kubernetes pkg/kubelet/cri/streaming/remotecommand: a TerminalSize as JSON.
        async Task ResizeAsync()
        {
            await foreach (var (width, height) in sizes.Reader.ReadAllAsync(cancellation.Token))
                await streams.SendAsync(Resize, Encoding.UTF8.GetBytes($$"""{"Width":{{width}},"Height":{{height}}}"""), cancellation.Token);
        }

        async Task TypeAsync()
        {
            var (buffer, wasCtrlP) = (new byte[4096], false);
            while (await KeysAsync(buffer) is > 0 and var count)
            {
                var typed = buffer.AsMemory(0, count);
                if (command is null && IsDetach(typed.Span, ref wasCtrlP))
                {
                    await cancellation.CancelAsync();
                    return;
                }
                await streams.SendAsync(Input, typed, cancellation.Token);
            }
            await streams.EndInputAsync(cancellation.Token);
        }

        async Task<int> KeysAsync(byte[] buffer)
        {
            try
            {
                return await terminal!.ReadAsync(buffer, cancellation.Token);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // Without input the session cannot continue.
                _ = cancellation.CancelAsync();
                throw;
            }
        }
    }

    private static bool IsDetach(ReadOnlySpan<byte> typed, ref bool wasCtrlP)
    {
        foreach (var key in typed)
        {
            if (wasCtrlP && key == CtrlQ)
                return true;
            wasCtrlP = key == CtrlP;
        }
        return false;
    }
}
