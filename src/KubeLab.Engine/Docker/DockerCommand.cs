namespace KubeLab.Engine.Docker;

/// <summary>One call of the docker CLI.</summary>
/// <param name="Arguments">The arguments, as docker receives them. Never a secret.</param>
public sealed record DockerCommand(params IReadOnlyList<string> Arguments)
{
    /// <summary>Writes what docker reads on standard input; null: empty.</summary>
    public Func<Stream, CancellationToken, Task>? Input { get; init; }

    /// <summary>Reads standard output as bytes; <see cref="DockerResult.Output"/> is empty then.</summary>
    public Func<Stream, CancellationToken, Task>? ReadOutput { get; init; }

    /// <summary>Each line of standard output and error as it comes.</summary>
    public Action<string>? Line { get; init; }

    /// <summary>As a person would type it.</summary>
    public override string ToString() => "docker " + string.Join(' ', Arguments);
}

/// <summary>What a call came to.</summary>
/// <param name="ExitCode">0 is success.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record DockerResult(int ExitCode, string Output, string Error);
