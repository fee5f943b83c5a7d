using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>A person at a terminal and a program in a container.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class PodSession(KubeSession kube)
{
    private const byte Input = 0;
    private const byte Output = 1;
    private const byte Error = 2;
    private const byte End = 3;
    private const byte Resize = 4;
    private const byte CtrlP = 0x10;
    private const byte CtrlQ = 0x11;

    /// <summary>bash where the container has it, sh elsewhere.</summary>
    public static IReadOnlyList<string> Shell { get; } = ["sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"];

    /// <summary>Runs a program in a container at the terminal, or joins the container's own.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="pod">The pod, or KIND/NAME: one of that object's.</param>
    /// <param name="container">The container, or null: the only one.</param>
    /// <param name="command">Program and arguments; null joins what the container runs: with a terminal of its own it can be typed to
    /// and left by Ctrl+P, Ctrl+Q; without one it is listened to.</param>
    /// <param name="open">Gives the terminal, or null where only the program's output is shown; called once there is a connection.</param>
    /// <param name="show">The terminal as it is, to show the output of a program without one.</param>
    /// <param name="stop">Ends the connection.</param>
    /// <returns>The program's exit code; null where it was left, or does not tell.</returns>
    /// <exception cref="KlException">PodNotFound, ContainerNotFound, ContainerNotNamed, PodCommandFailed (it did not start), PodConnectionLost, and KubeApi's.</exception>
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

    private static async Task<int?> EnterAsync(KubeApi api, PodContainer at, IReadOnlyList<string>? command, Func<ITerminal>? open, Stream show, CancellationToken stop)
    {
        var process = command is null ? null : new PodProcess(api, at, command[0]);
        using var streams = await api.EnterAsync(at.Namespace, at.Pod, at.Container, command, open is not null, stop);
        process?.Answered();
        using var terminal = open?.Invoke();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var sizes = Channel.CreateBounded<(int Width, int Height)>(new BoundedChannelOptions(2) { FullMode = BoundedChannelFullMode.DropOldest });
        using var resized = terminal?.WhenResized(() => sizes.Writer.TryWrite(terminal.Size));
        List<Task> beside = [];
        if (terminal is not null)
        {
            // A program that runs already draws itself again when the size changes, and only then.
            if (command is null)
                sizes.Writer.TryWrite((terminal.Size.Width + 1, terminal.Size.Height + 1));
            sizes.Writer.TryWrite(terminal.Size);
            beside = [ResizeAsync(), TypeAsync()];
        }
        using var said = new MemoryStream();
        try
        {
            await foreach (var (channel, data) in streams.ReadAsync(over.Token))
                if (channel is Output or Error)
                    await (terminal?.WriteAsync(data, over.Token) ?? show.WriteAsync(data, over.Token));
                else if (channel == End)
                    said.Write(data.Span);
        }
        catch (WebSocketException lost) when (said.Length == 0)
        {
            throw PodCommands.Lost(at, lost);
        }
        catch (WebSocketException)
        {
            // It had said how it ended.
        }
        catch (OperationCanceledException)
        {
            if (process is not null)
                await process.EndAsync();
            stop.ThrowIfCancellationRequested();
            // Left; or the terminal has failed.
            await Task.WhenAll(beside.Where(task => task.IsFaulted));
            return null;
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(beside).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        // Who listens only is not told how it ended.
        return said.Length > 0 ? PodCommands.CodeOf(at, KubeApi.StatusOf(said.ToArray())) : command is null ? null : throw PodCommands.Lost(at, null);

        // kubernetes pkg/kubelet/cri/streaming/remotecommand: a TerminalSize as JSON.
        async Task ResizeAsync()
        {
            await foreach (var (width, height) in sizes.Reader.ReadAllAsync(over.Token))
                await streams.SendAsync(Resize, Encoding.UTF8.GetBytes($$"""{"Width":{{width}},"Height":{{height}}}"""), over.Token);
        }

        async Task TypeAsync()
        {
            var (buffer, wasCtrlP) = (new byte[4096], false);
            while (await KeysAsync(buffer) is > 0 and var count)
            {
                var typed = buffer.AsMemory(0, count);
                if (command is null && Leaves(typed.Span, ref wasCtrlP))
                {
                    await over.CancelAsync();
                    return;
                }
                await streams.SendAsync(Input, typed, over.Token);
            }
            await streams.EndInputAsync(over.Token);
        }

        async Task<int> KeysAsync(byte[] buffer)
        {
            try
            {
                return await terminal!.ReadAsync(buffer, over.Token);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // Nobody could type into this session any more.
                _ = over.CancelAsync();
                throw;
            }
        }
    }

    private static bool Leaves(ReadOnlySpan<byte> typed, ref bool wasCtrlP)
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
