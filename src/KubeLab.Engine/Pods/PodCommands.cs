using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Pods;

/// <summary>Runs programs in containers.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class PodCommands(KubeSession kube)
{
    /// <summary>Runs a program in a container and waits until it ends.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="pod">The pod, or KIND/NAME for a pod of another object.</param>
    /// <param name="container">The container, or null for the only one.</param>
    /// <param name="command">The program and its arguments, which are passed unchanged.</param>
    /// <param name="input">Standard input, or null for none.</param>
    /// <param name="write">Receives the output in pieces: whether it is standard error, and the bytes, which are valid until it returns.</param>
    /// <param name="stop">Cancels the operation. Stops the program if the container has a shell; otherwise warns that it may still be running.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="KlException">PodNotFound, ContainerNotFound, ContainerNotNamed, PodCommandFailed (it did not start), PodConnectionLost,
    /// and the errors of KubeApi.</exception>
    public async Task<int> RunAsync(string? cluster, string? ns, string pod, string? container, IReadOnlyList<string> command, ReadOnlyMemory<byte>? input,
        Action<bool, ReadOnlyMemory<byte>> write, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return await RunAsync(api, await PodContainer.FindAsync(api, ns, pod, container, stop), command, input, write, stop);
    }

    /// <summary>Runs a program in a container and passes its output on as lines.</summary>
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
            return await ExecuteAsync(api, at, command, input, write, process.Accepted, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await process.StopAsync();
            throw;
        }
    }

    /// <summary>Runs a program until it ends. On cancellation, the program keeps running.</summary>
    internal static async Task<int> ExecuteAsync(KubeApi api, PodContainer at, IReadOnlyList<string> command, Stream? input,
        Func<bool, ReadOnlyMemory<byte>, ValueTask> write, Action answered, CancellationToken stop)
    {
        using var streams = await api.ExecAsync(at.Namespace, at.Pod, at.Container, command, input?.Length, stop);
        answered();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var sending = input is null ? Task.CompletedTask : streams.SendAsync(input, cancellation.Token);
        try
        {
            return await streams.ReadToEndAsync(write, stop) is { } status ? CodeOf(at, status) : throw ConnectionLost(at, null);
        }
        catch (WebSocketException error)
        {
            throw ConnectionLost(at, error);
        }
        finally
        {
            await cancellation.CancelAsync();
            await sending.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    internal static int CodeOf(PodContainer at, V1Status status) => status switch
    {
        { Status: "Success" } => 0,
        { Reason: "NonZeroExitCode" } when status.Details?.Causes?.FirstOrDefault(c => c.Reason == "ExitCode")?.Message is { } code =>
            int.Parse(code, CultureInfo.InvariantCulture),
        _ => throw new KlException(ErrorIds.PodCommandFailed, KlErrorKind.Failed, at.Pod,
            $"{at.Namespace}/{at.Pod}, container {at.Container}: {status.Message}",
            "Check that the container is running and contains the program."),
    };

    /// <summary>The exit code for a program that did not start, as in shells: 127 if it was not found, 126 if it cannot be run.</summary>
    /// <param name="error">The error PodCommandFailed.</param>
    public static int CodeOf(KlException error) =>
        error.Message.Contains("not found", StringComparison.Ordinal) || error.Message.Contains("no such file", StringComparison.OrdinalIgnoreCase)
            ? 127 : 126;

    internal static KlException ConnectionLost(PodContainer at, Exception? inner) => new(ErrorIds.PodConnectionLost, KlErrorKind.Unreachable, at.Pod,
        $"{at.Namespace}/{at.Pod}: the connection was lost before the command ended{(inner is null ? "" : $": {inner.Message}")}",
        "The command may still be running or may have completed. Check before you run it again.", inner);
}
