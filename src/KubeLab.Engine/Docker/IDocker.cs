using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Docker;

/// <summary>A Docker engine, reached through the user's docker command.</summary>
public interface IDocker
{
    /// <summary>Runs a command and returns its result, whatever the exit code.</summary>
    /// <exception cref="KlException">DockerNotInstalled, DockerUnavailable.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signaled; the command has exited.</exception>
    Task<DockerResult> RunAsync(DockerCommand command, CancellationToken stop);

    /// <summary>Starts a stopped container after a time, also if this process ends before.</summary>
    /// <exception cref="KlException">FaultUnsupported: nothing was scheduled.</exception>
    Task StartLaterAsync(DelayedStart start, TimeSpan delay, CancellationToken stop);
}

/// <summary>A container to start later.</summary>
/// <param name="Container">The container.</param>
/// <param name="StartedAt">Its State.StartedAt now. A container that was started since is not started again.</param>
/// <param name="Volume">The volume to remove afterwards.</param>
public sealed record DelayedStart(string Container, string StartedAt, string Volume);

/// <summary>Runs commands that must succeed, and finds objects.</summary>
public static class DockerCalls
{
    /// <summary>Prints the endpoint of the engine that the docker command uses, such as unix:///var/run/docker.sock.</summary>
    public static DockerCommand Endpoint { get; } = new("context", "inspect", "--format", "{{.Endpoints.docker.Host}}");

    // Messages for ENOSPC and EDQUOT, and apt's message for ENOSPC.
    private static readonly string[] NoSpace = ["no space left on device", "disk quota exceeded", "You don't have enough free space"];

    /// <summary>Runs a command and returns its standard output, trimmed.</summary>
    /// <param name="docker">The engine.</param>
    /// <param name="target">The object that the command concerns; the target of the error.</param>
    /// <param name="command">The command.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">DockerFailed, with the end of the output; and the errors of <see cref="IDocker.RunAsync"/>.</exception>
    public static async Task<string> CheckAsync(this IDocker docker, string target, DockerCommand command, CancellationToken stop)
    {
        var result = await docker.RunAsync(command, stop);
        return result.ExitCode == 0 ? result.Output.Trim() : throw Failure(target, command, result);
    }

    /// <summary>Runs an inspect or another command for one object; null if the object does not exist.</summary>
    public static async Task<string?> FindAsync(this IDocker docker, string target, DockerCommand command, CancellationToken stop)
    {
        var result = await docker.RunAsync(command, stop);
        return result.ExitCode == 0 ? result.Output.Trim() : IsNotFound(result.Error) ? null : throw Failure(target, command, result);
    }

    /// <summary>The error for a failed command: DockerFailed or DockerDiskFull.</summary>
    public static KlException Failure(string target, DockerCommand command, DockerResult result)
    {
        var tail = OutputTail.Of(string.IsNullOrWhiteSpace(result.Error) ? result.Output : result.Error);
        return Array.Exists(NoSpace, message => result.Error.Contains(message, StringComparison.OrdinalIgnoreCase))
            ? new(ErrorIds.DockerDiskFull, KlErrorKind.Failed, target,
                $"The disk of the Docker engine is full. '{command}' failed with exit code {result.ExitCode}:\n{tail}",
                "Run 'docker system df' to show the disk usage and 'docker system prune' to remove unused data. Then run the command again.")
            : new(ErrorIds.DockerFailed, KlErrorKind.Failed, target, $"'{command}' failed with exit code {result.ExitCode}:\n{tail}");
    }

    /// <summary>Whether the engine reported that the object does not exist ("No such container: x", "network x not found").</summary>
    public static bool IsNotFound(string error) =>
        error.Contains("No such", StringComparison.OrdinalIgnoreCase) || error.Contains("not found", StringComparison.Ordinal);
}
