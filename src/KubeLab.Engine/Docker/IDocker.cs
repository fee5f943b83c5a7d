using KubeLab.Engine.Flow;

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
public static class DockerCalls
{
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

    /// <summary>The error of a command that failed.</summary>
    public static KlException Failure(string target, DockerCommand command, DockerResult result)
    {
        var said = result.Error.Trim() is { Length: > 0 } error ? error : result.Output.Trim();
        var tail = string.Join('\n', said.Split('\n').TakeLast(20));
        return new("DockerFailed", KlErrorKind.Failed, target, $"'{command}' ended with exit code {result.ExitCode}:\n{tail}");
    }

    /// <summary>Whether the engine said that there is no such object ("No such container: x", "network x not found").</summary>
    public static bool IsAbsent(string error) =>
        error.Contains("No such", StringComparison.OrdinalIgnoreCase) || error.Contains("not found", StringComparison.Ordinal);
}
