namespace KubeLab.Engine.Docker;

/// <summary>A command for the docker CLI.</summary>
/// <param name="Arguments">The arguments. Must not contain secrets.</param>
public sealed record DockerCommand(params IReadOnlyList<string> Arguments)
{
    /// <summary>Environment variables that are set, or removed if the value is null. Must not contain secrets.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Writes the standard input, or null.</summary>
    public Func<Stream, CancellationToken, Task>? Input { get; init; }

    /// <summary>Reads standard output as bytes. <see cref="DockerResult.Output"/> is empty in this case.</summary>
    public Func<Stream, CancellationToken, Task>? ReadOutput { get; init; }

    /// <summary>Receives each line of standard output and standard error.</summary>
    public Action<string>? Line { get; init; }

    /// <summary>The command line, unquoted.</summary>
    public override string ToString() => "docker " + string.Join(' ', Arguments);
}

/// <summary>The result of a docker command.</summary>
/// <param name="ExitCode">The exit code. 0 means success.</param>
/// <param name="Output">The standard output.</param>
/// <param name="Error">The standard error.</param>
public sealed record DockerResult(int ExitCode, string Output, string Error);
