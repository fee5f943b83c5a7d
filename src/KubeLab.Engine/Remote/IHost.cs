using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Remote;

/// <summary>A command as a list of arguments. The Remote namespace quotes it for the remote shell.</summary>
/// <param name="Program">The program.</param>
/// <param name="Arguments">The arguments as the program receives them. Must not contain secrets.</param>
public sealed record HostCommand(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>The standard input of the command, which may contain secrets, or null.</summary>
    public ReadOnlyMemory<byte>? Input { get; init; }

    /// <summary>Standard input that is read while the command runs, instead of <see cref="Input"/>. If reading fails, the command's input ends early.
    /// </summary>
    public Stream? InputStream { get; init; }

    /// <summary>Run as root. Uses sudo -n if the user is not root.</summary>
    public bool AsRoot { get; init; } = true;

    /// <summary>Receives each line of standard output and standard error.</summary>
    public Action<OutputLine>? Output { get; init; }

    /// <summary>Receives standard output as it arrives, on a thread that may block. The result does not contain it. Must not throw.</summary>
    public Action<ReadOnlyMemory<byte>>? OutputBytes { get; init; }

    /// <summary>Runs <paramref name="script"/> with bash, passed on standard input.</summary>
    public static HostCommand Bash(string script, params IReadOnlyList<string> arguments) =>
        new("bash", ["-s", "--", .. arguments]) { Input = Encoding.UTF8.GetBytes(script) };

    /// <summary>The command line, unquoted.</summary>
    public override string ToString() => string.Join(' ', [Program, .. Arguments]);
}

/// <summary>One line of a command's output.</summary>
/// <param name="Text">The line without its line end.</param>
/// <param name="IsError">Whether it was written to standard error.</param>
public sealed record OutputLine(string Text, bool IsError);

/// <summary>The result of a command.</summary>
/// <param name="ExitCode">The exit code: 0 to 255, 128 + n for signal n, or -1 if the signal also ended the session.</param>
/// <param name="Output">Standard output, UTF-8.</param>
/// <param name="Error">Standard error, UTF-8.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>A file to write to a machine.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="Content">The complete content.</param>
/// <param name="Mode">The permissions; 0600 for secrets.</param>
public sealed record RemoteFile(
    string Path, ReadOnlyMemory<byte> Content,
    UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

/// <summary>A machine that runs commands.</summary>
public interface IHost : IAsyncDisposable
{
    /// <summary>The machine's name, the target of errors.</summary>
    string Name { get; }

    /// <summary>Runs a command and returns its result, whatever the exit code.</summary>
    /// <exception cref="KlException">HostUnreachable, HostKeyChanged, HostKeyUnknown, HostKeyRevoked, ConnectionRefused, AuthenticationFailed, ConnectionLost;
    /// or SudoDenied, CommandNotStarted: the command was not run.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signaled; the remote process group was terminated.</exception>
    Task<CommandResult> RunAsync(HostCommand command, CancellationToken stop);

    /// <summary>Writes a file atomically: a temporary file is renamed. The folder is created if it does not exist.</summary>
    Task WriteAsync(RemoteFile file, CancellationToken stop);

    /// <summary>Connects to a TCP port from the machine (SSH direct-tcpip). If the port is closed, the first read throws an IOException.</summary>
    Task<Stream> DialAsync(string host, int port, CancellationToken stop);
}

/// <summary>Runs commands that must succeed.</summary>
public static class Hosts
{
    /// <summary>Runs a command and returns its standard output.</summary>
    /// <exception cref="KlException">CommandFailed, with the exit code and the end of the output; and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public static async Task<string> CheckAsync(this IHost host, HostCommand command, CancellationToken stop)
    {
        var result = await host.RunAsync(command, stop);
        return result.ExitCode == 0 ? result.Output : throw Failure(host.Name, command, result);
    }

    /// <summary>Runs a command whose standard output is written somewhere. If writing fails, the command is ended.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="command">The command.</param>
    /// <param name="write">Receives standard output, on a thread that may block.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">The errors of <see cref="IHost.RunAsync"/>. Exceptions of <paramref name="write"/> are rethrown.</exception>
    public static async Task<CommandResult> PipeAsync(this IHost host, HostCommand command, Action<ReadOnlyMemory<byte>> write, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var written = new TaskCompletionSource();
        void Write(ReadOnlyMemory<byte> data)
        {
            try
            {
                if (!written.Task.IsFaulted)
                    write(data);
            }
#pragma warning disable CA1031 // It is rethrown when the command has ended.
            catch (Exception error)
#pragma warning restore CA1031
            {
                written.SetException(error);
                ended.Cancel();
            }
        }
        try
        {
            var result = await host.RunAsync(command with { OutputBytes = Write }, ended.Token);
            written.TrySetResult();
            await written.Task;
            return result;
        }
        catch (OperationCanceledException) when (written.Task.IsFaulted)
        {
            await written.Task;
            throw;
        }
    }

    /// <summary>The error for a failed command.</summary>
    public static KlException Failure(string host, HostCommand command, CommandResult result)
    {
        var output = result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim();
        var isFull = output.Contains("No space left on device", StringComparison.Ordinal);
        return new(ErrorIds.CommandFailed, KlErrorKind.Failed, host, $"{host}: '{command}' failed with exit code {result.ExitCode}:\n{OutputTail.Of(output)}",
            isFull ? "Free disk space on the machine, then run the same command again." : null)
        {
            ExitCode = result.ExitCode,
        };
    }
}
