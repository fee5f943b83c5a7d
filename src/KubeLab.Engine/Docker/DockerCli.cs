using System.ComponentModel;
using System.Text;
using CliWrap;

namespace KubeLab.Engine.Docker;

/// <summary>The docker command on PATH, which honours the user's contexts and DOCKER_HOST.</summary>
/// <param name="program">The command's name or path.</param>
public sealed class DockerCli(string program = "docker") : IDocker
{
    // How long a cancelled command may take to give up what it holds before it is killed.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // What the CLI prints when it got no answer (docker/cli and moby/client errors.go), or half of one, from an engine that ends.
    private static readonly string[] NoAnswer =
    [
        "Cannot connect to the Docker daemon", "error during connect", "failed to connect to the docker API", "permission denied while trying to connect",
        "error from daemon in stream",
    ];

    private static readonly string[] HalfAnswer = ["unexpected EOF", "EOF"];

    /// <inheritdoc/>
    public async Task<DockerResult> RunAsync(DockerCommand command, CancellationToken stop)
    {
        StringBuilder output = new(), error = new();
        var cli = Cli.Wrap(program).WithArguments(command.Arguments).WithValidation(CommandResultValidation.None)
            .WithStandardInputPipe(command.Input is null ? PipeSource.Null : PipeSource.Create(command.Input))
            .WithStandardOutputPipe(command.ReadOutput is null ? Text(output, command.Line) : PipeTarget.Create(command.ReadOutput))
            .WithStandardErrorPipe(Text(error, command.Line));
        using var kill = new CancellationTokenSource();
        await using var interrupt = stop.Register(() => kill.CancelAfter(Grace));
        try
        {
            var exit = await cli.ExecuteAsync(kill.Token, stop);
            stop.ThrowIfCancellationRequested();
            return exit.ExitCode != 0 && IsGone(error.ToString())
                ? throw new KlException(ErrorIds.DockerUnavailable, KlErrorKind.Unreachable, "docker", $"The Docker engine does not answer: {error.ToString().Trim()}",
                    "Start Docker, or wait until it is up again, or point DOCKER_HOST or 'docker context use' at an engine that you may use, and run it again.")
                : new(exit.ExitCode, output.ToString(), error.ToString());
        }
        catch (Win32Exception missing)
        {
            throw new KlException(ErrorIds.DockerNotInstalled, KlErrorKind.NotInstalled, "docker", $"The command '{program}' cannot be run: {missing.Message}",
                "Install Docker (https://docs.docker.com/get-docker/) so that 'docker version' answers, or choose another -Provider.", missing);
        }
    }

    private static bool IsGone(string error) => Array.Exists(NoAnswer, error.Contains) || HalfAnswer.Contains(error.Trim());

    private static PipeTarget Text(StringBuilder all, Action<string>? line) =>
        line is null ? PipeTarget.ToStringBuilder(all) : PipeTarget.Merge(PipeTarget.ToStringBuilder(all), PipeTarget.ToDelegate(line));
}
