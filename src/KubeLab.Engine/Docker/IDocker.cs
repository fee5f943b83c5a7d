using System.Text.RegularExpressions;

namespace KubeLab.Engine.Docker;

/// <summary>A Docker engine, reached as the user's own docker command reaches it.</summary>
public interface IDocker
{
    /// <summary>Runs a command to its end, whatever its exit code.</summary>
    /// <exception cref="KlException">DockerNotInstalled, DockerUnavailable.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled; the command has ended.</exception>
    Task<DockerResult> RunAsync(DockerCommand command, CancellationToken stop);
}

/// <summary>Commands that must succeed, and objects that may be absent.</summary>
public static partial class DockerCalls
{
    // The kernel's words for ENOSPC and EDQUOT, and apt's for the former.
    private static readonly string[] NoSpace = ["no space left on device", "disk quota exceeded", "You don't have enough free space"];

    /// <summary>Runs a command and returns its standard output, trimmed.</summary>
    /// <param name="docker">The engine.</param>
    /// <param name="target">What the command is about; the error's target.</param>
    /// <param name="command">The command.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">DockerFailed, with the output's tail; and what <see cref="IDocker.RunAsync"/> throws.</exception>
    public static async Task<string> CheckAsync(this IDocker docker, string target, DockerCommand command, CancellationToken stop)
    {
        var result = await docker.RunAsync(command, stop);
        return result.ExitCode == 0 ? result.Output.Trim() : throw Failure(target, command, result);
    }

    /// <summary>Runs an inspect (or another command that names one object); null where there is no such object.</summary>
    public static async Task<string?> FindAsync(this IDocker docker, string target, DockerCommand command, CancellationToken stop)
    {
        var result = await docker.RunAsync(command, stop);
        return result.ExitCode == 0 ? result.Output.Trim() : IsAbsent(result.Error) ? null : throw Failure(target, command, result);
    }

    /// <summary>The error of a command that failed: DockerFailed, or DockerDiskFull.</summary>
    public static KlException Failure(string target, DockerCommand command, DockerResult result)
    {
        var said = Tail(string.IsNullOrWhiteSpace(result.Error) ? result.Output : result.Error, 20);
        return Array.Exists(NoSpace, words => result.Error.Contains(words, StringComparison.OrdinalIgnoreCase))
            ? new(ErrorIds.DockerDiskFull, KlErrorKind.Failed, target, $"The disk of the Docker engine is full. '{command}' ended with exit code {result.ExitCode}:\n{said}",
                "'docker system df' shows what takes the space, 'docker system prune' removes what is not in use. Then run the same again.")
            : new(ErrorIds.DockerFailed, KlErrorKind.Failed, target, $"'{command}' ended with exit code {result.ExitCode}:\n{said}");
    }

    /// <summary>The last lines of what was printed, without empty ones and without what steers a terminal.</summary>
    public static string Tail(string text, int lines) => string.Join('\n',
        Steering().Replace(text, "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()).Where(line => line.Length > 0).TakeLast(lines));

    /// <summary>Whether the engine said that there is no such object ("No such container: x", "network x not found").</summary>
    public static bool IsAbsent(string error) =>
        error.Contains("No such", StringComparison.OrdinalIgnoreCase) || error.Contains("not found", StringComparison.Ordinal);

    // ECMA-48: sequences that begin with CSI, strings that begin with OSC and its like, other escapes, and control characters that are neither tab nor newline.
    [GeneratedRegex(@"(\x1B\[|\x9B)[0-?]*[ -/]*[@-~]|(\x1B[\]PX^_]|[\x90\x98\x9D-\x9F])[^\x07\x1B\x9C\n]*(\x07|\x1B\\|\x9C)?|\x1B[ -/]*[0-~]|[\x00-\x08\x0B-\x1F\x7F-\x9F]")]
    private static partial Regex Steering();
}
