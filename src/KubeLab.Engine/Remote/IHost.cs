using System.Text;

namespace KubeLab.Engine.Remote;

/// <summary>A command as argv; quoting for the remote shell happens once, in Remote.</summary>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its arguments, each as the program shall see it. Never a secret.</param>
public sealed record HostCommand(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>What the command reads on standard input; the place for secrets. Null: empty.</summary>
    public ReadOnlyMemory<byte>? Input { get; init; }

    /// <summary>Run as root (through sudo -n where the login is another).</summary>
    public bool AsRoot { get; init; } = true;

    /// <summary>Each line of standard output and error as it comes.</summary>
    public Action<OutputLine>? Output { get; init; }

    /// <summary>bash reading <paramref name="script"/> from standard input.</summary>
    public static HostCommand Bash(string script, params IReadOnlyList<string> arguments) =>
        new("bash", ["-s", "--", .. arguments]) { Input = Encoding.UTF8.GetBytes(script) };

    /// <summary>As a person would type it.</summary>
    public override string ToString() => string.Join(' ', [Program, .. Arguments]);
}

/// <summary>One line a command printed.</summary>
/// <param name="Text">Without the line end.</param>
/// <param name="IsError">It came on standard error.</param>
public sealed record OutputLine(string Text, bool IsError);

/// <summary>What a command came to.</summary>
/// <param name="ExitCode">0 to 255, 128 + n where signal n ended it; -1 where that ended the session with it.</param>
/// <param name="Output">Standard output, UTF-8.</param>
/// <param name="Error">Standard error, UTF-8.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>A file to be on a machine.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Content">All of it.</param>
/// <param name="Mode">Permission bits; 0600 for secrets.</param>
public sealed record RemoteFile(string Path, ReadOnlyMemory<byte> Content, UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

/// <summary>A machine we can run commands on.</summary>
public interface IHost : IAsyncDisposable
{
    /// <summary>The machine's name; the target of errors.</summary>
    string Name { get; }

    /// <summary>Runs a command to its end, whatever its exit code.</summary>
    /// <exception cref="KlException">HostUnreachable, HostKeyChanged, HostKeyUnknown, HostKeyRevoked, ConnectionRefused, AuthenticationFailed, ConnectionLost; SudoDenied, CommandNotStarted: it has not run.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled; the remote process group has been ended.</exception>
    Task<CommandResult> RunAsync(HostCommand command, CancellationToken stop);

    /// <summary>Puts a file in place in one step (written beside it, then renamed). Its directory is made.</summary>
    Task WriteAsync(RemoteFile file, CancellationToken stop);

    /// <summary>A byte stream to a TCP port as the machine reaches it (SSH direct-tcpip). A port that accepts nobody shows at the first read, as an IOException.</summary>
    Task<Stream> DialAsync(string host, int port, CancellationToken stop);
}

/// <summary>Commands that must succeed.</summary>
public static class Hosts
{
    /// <summary>Runs a command and returns its standard output.</summary>
    /// <exception cref="KlException">CommandFailed, with exit code and the output's tail; and what <see cref="IHost.RunAsync"/> throws.</exception>
    public static async Task<string> CheckAsync(this IHost host, HostCommand command, CancellationToken stop)
    {
        var result = await host.RunAsync(command, stop);
        return result.ExitCode == 0 ? result.Output : throw Failure(host.Name, command, result);
    }

    /// <summary>The error of a command that failed.</summary>
    public static KlException Failure(string host, HostCommand command, CommandResult result)
    {
        var said = result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim();
        var tail = string.Join('\n', said.Split('\n').TakeLast(20));
        return new(ErrorIds.CommandFailed, KlErrorKind.Failed, host, $"{host}: '{command}' ended with exit code {result.ExitCode}:\n{tail}");
    }
}
