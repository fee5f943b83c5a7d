using System.Net.WebSockets;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>An interactive session with a program in a container.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class PodSession(KubeSession kube)
{
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
        using var session = terminal is null ? null : new TerminalSession(streams, terminal, isAttached: command is null, stop);
        try
        {
            var status = session is null ? await streams.ReadToEndAsync((_, data) => show.WriteAsync(data, stop), stop) : await session.RunAsync();
            // The exit status is not sent to an attached session.
            return status is not null ? PodCommands.CodeOf(at, status) : command is null ? null : throw PodCommands.ConnectionLost(at, null);
        }
        catch (WebSocketException error)
        {
            throw PodCommands.ConnectionLost(at, error);
        }
        catch (OperationCanceledException)
        {
            if (process is not null)
                await process.StopAsync();
            stop.ThrowIfCancellationRequested();
            if (session is not null)
                await session.ThrowFailureAsync();
            // The user has detached.
            return null;
        }
    }
}
