using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>Programs in the containers of pods.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class PodCommands(KubeSession kube)
{
    private const byte Output = 1;
    private const byte Error = 2;
    private const byte End = 3;

    /// <summary>Runs a program in a container and waits for its end.</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="pod">The pod, or KIND/NAME: one of that object's.</param>
    /// <param name="container">The container, or null: the only one.</param>
    /// <param name="command">Program and arguments; they arrive as they are.</param>
    /// <param name="input">What it reads on its standard input, or null: nothing.</param>
    /// <param name="write">Takes what it prints, piece by piece: whether it is error output, and the bytes, which are good until it returns.</param>
    /// <param name="stop">Ends the program where the container has a shell, and says so where it may live on.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="KlException">PodNotFound, ContainerNotFound, ContainerNotNamed, PodCommandFailed (it did not start), PodConnectionLost, and KubeApi's.</exception>
    public async Task<int> RunAsync(string? cluster, string? ns, string pod, string? container, IReadOnlyList<string> command, ReadOnlyMemory<byte>? input,
        Action<bool, ReadOnlyMemory<byte>> write, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return await RunAsync(api, await PodContainer.FindAsync(api, ns, pod, container, stop), command, input, write, stop);
    }

    /// <summary>As above, the program's output as lines.</summary>
    public async Task<int> LinesAsync(string? cluster, string? ns, string pod, string? container, IReadOnlyList<string> command, ReadOnlyMemory<byte>? input,
        Action<KlPodLine> write, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var at = await PodContainer.FindAsync(api, ns, pod, container, stop);
        var (output, error) = (new LineBuffer(), new LineBuffer());
        var code = await RunAsync(api, at, command, input, (isError, data) =>
        {
            foreach (var line in (isError ? error : output).Add(data))
                write(new(at.Pod, Encoding.UTF8.GetString(line.Span), isError));
        }, stop);
        if (output.End() is { } last)
            write(new(at.Pod, Encoding.UTF8.GetString(last.Span), false));
        if (error.End() is { } lastError)
            write(new(at.Pod, Encoding.UTF8.GetString(lastError.Span), true));
        return code;
    }

    private static async Task<int> RunAsync(KubeApi api, PodContainer at, IReadOnlyList<string> command, ReadOnlyMemory<byte>? input,
        Action<bool, ReadOnlyMemory<byte>> write, CancellationToken stop)
    {
        await using var stream = input is { } bytes ? new MemoryStream(bytes.ToArray()) : null;
        return await RunAsync(api, at, command, stream, (isError, data) =>
        {
            write(isError, data);
            return ValueTask.CompletedTask;
        }, stop);
    }

    internal static async Task<int> RunAsync(KubeApi api, PodContainer at, IReadOnlyList<string> command, Stream? input,
        Func<bool, ReadOnlyMemory<byte>, ValueTask> write, CancellationToken stop)
    {
        var process = new PodProcess(api, at, command[0]);
        try
        {
            return await ExecuteAsync(api, at, command, input, write, process.Answered, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await process.EndAsync();
            throw;
        }
    }

    /// <summary>Runs it to its end. A program that is left before lives on.</summary>
    internal static async Task<int> ExecuteAsync(KubeApi api, PodContainer at, IReadOnlyList<string> command, Stream? input,
        Func<bool, ReadOnlyMemory<byte>, ValueTask> write, Action answered, CancellationToken stop)
    {
        using var streams = await api.ExecAsync(at.Namespace, at.Pod, at.Container, command, input?.Length, stop);
        answered();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var feeding = input is null ? Task.CompletedTask : streams.SendAsync(input, over.Token);
        using var said = new MemoryStream();
        try
        {
            await foreach (var (channel, data) in streams.ReadAsync(stop))
                if (channel is Output or Error)
                    await write(channel == Error, data);
                else if (channel == End)
                    said.Write(data.Span);
        }
        catch (WebSocketException lost) when (said.Length == 0)
        {
            throw Lost(at, lost);
        }
        catch (WebSocketException)
        {
            // It had said how it ended.
        }
        finally
        {
            await over.CancelAsync();
            await feeding.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return said.Length > 0 ? CodeOf(at, KubeApi.StatusOf(said.ToArray())) : throw Lost(at, null);
    }

    internal static int CodeOf(PodContainer at, V1Status status) => status switch
    {
        { Status: "Success" } => 0,
        { Reason: "NonZeroExitCode" } when status.Details?.Causes?.FirstOrDefault(c => c.Reason == "ExitCode")?.Message is { } code => int.Parse(code, CultureInfo.InvariantCulture),
        _ => throw new KlException(ErrorIds.PodCommandFailed, KlErrorKind.Failed, at.Pod, $"{at.Namespace}/{at.Pod}, container {at.Container}: {status.Message}",
            "Look whether the container runs and has such a program."),
    };

    /// <summary>The exit code of a program that did not start, as shells have it: 127 where there is none, 126 where it cannot be run.</summary>
    /// <param name="unstarted">PodCommandFailed.</param>
    public static int CodeOf(KlException unstarted) =>
        unstarted.Message.Contains("not found", StringComparison.Ordinal) || unstarted.Message.Contains("no such file", StringComparison.OrdinalIgnoreCase) ? 127 : 126;

    internal static KlException Lost(PodContainer at, Exception? inner) => new(ErrorIds.PodConnectionLost, KlErrorKind.Unreachable, at.Pod,
        $"{at.Namespace}/{at.Pod}: the connection ended before the command did{(inner is null ? "" : $": {inner.Message}")}",
        "The command may still run, or have run; look before you run it again.", inner);
}
