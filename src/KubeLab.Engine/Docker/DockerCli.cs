using System.ComponentModel;
using System.Globalization;
using System.Text;
using CliWrap;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Docker;

/// <summary>Runs the docker command on PATH, which uses the user's contexts and DOCKER_HOST.</summary>
/// <param name="clock">The clock.</param>
/// <param name="program">The command's name or path.</param>
public sealed class DockerCli(TimeProvider clock, string program = "docker") : IDocker
{
    // The time for a canceled command to exit before it is killed.
    private static readonly TimeSpan ExitTime = TimeSpan.FromSeconds(5);

    // Messages of the CLI if the engine does not respond (docker/cli and moby/client errors.go) or shuts down during a response.
    private static readonly string[] NoResponse =
    [
        "Cannot connect to the Docker daemon", "error during connect", "failed to connect to the docker API", "permission denied while trying to connect",
        "error from daemon in stream",
    ];

    // $1: docker, $2: seconds, $3: container, $4: its start time, $5: volume.
    private const string Later = """
        set -eu
        later='
            sleep "$2"
            i=0
            while [ "$("$1" container inspect --format "{{.State.StartedAt}}" "$3")" = "$4" ] && ! "$1" start "$3" && [ $i -lt 60 ]; do
                i=$((i + 1))
                sleep 1
            done
            "$1" volume rm "$5"
        '
        detach=$(command -v setsid || echo nohup)
        "$detach" sh -c "$later" sh "$@" </dev/null >/dev/null 2>&1 &
        kill -0 $!
        """;

    private static readonly string[] IncompleteResponse = ["unexpected EOF", "EOF"];

    /// <inheritdoc/>
    public async Task<DockerResult> RunAsync(DockerCommand command, CancellationToken stop)
    {
        StringBuilder output = new(), error = new();
        var cli = Cli.Wrap(program).WithArguments(command.Arguments).WithValidation(CommandResultValidation.None)
            .WithEnvironmentVariables(command.Environment)
            .WithStandardInputPipe(command.Input is null ? PipeSource.Null : PipeSource.Create(command.Input))
            .WithStandardOutputPipe(command.ReadOutput is null ? Text(output, command.Line) : PipeTarget.Create(command.ReadOutput))
            .WithStandardErrorPipe(Text(error, command.Line));
        await using var kill = new GracePeriod(ExitTime, clock, stop);
        try
        {
            var exit = await cli.ExecuteAsync(kill.Token, stop);
            stop.ThrowIfCancellationRequested();
            return exit.ExitCode != 0 && IsUnavailable(error.ToString())
                ? throw new KlException(ErrorIds.DockerUnavailable, KlErrorKind.Unreachable, "docker",
                    $"The Docker engine does not respond: {error.ToString().Trim()}",
                    "Start Docker, or select an engine that you may use with DOCKER_HOST or 'docker context use'. Then run the command again.")
                : new(exit.ExitCode, output.ToString(), error.ToString());
        }
        catch (Win32Exception missing)
        {
            throw new KlException(ErrorIds.DockerNotInstalled, KlErrorKind.NotInstalled, "docker",
                $"The command '{program}' could not be run: {missing.Message}",
                "Install Docker (https://docs.docker.com/get-docker/) and check it with 'docker version', or choose another -Provider.", missing);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A shell process that has left the session of this one, so that neither a closed terminal nor Ctrl+C ends it.</remarks>
    public async Task StartLaterAsync(DelayedStart start, TimeSpan delay, CancellationToken stop)
    {
        if (OperatingSystem.IsWindows())
            throw new KlException(ErrorIds.FaultUnsupported, KlErrorKind.InvalidInput, start.Container,
                "Restoring a machine's power later is not supported on Windows.", "Run the command on Linux or macOS.");
        var seconds = delay.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        await Cli.Wrap("sh").WithArguments(["-c", Later, "sh", program, seconds, start.Container, start.StartedAt, start.Volume]).ExecuteAsync(stop);
    }

    private static bool IsUnavailable(string error) => Array.Exists(NoResponse, error.Contains) || IncompleteResponse.Contains(error.Trim());

    private static PipeTarget Text(StringBuilder all, Action<string>? line) =>
        line is null ? PipeTarget.ToStringBuilder(all) : PipeTarget.Merge(PipeTarget.ToStringBuilder(all), PipeTarget.ToDelegate(line));
}
