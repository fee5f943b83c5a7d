using KubeLab.Engine.Docker;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines.Docker;

/// <summary>Runs commands in a container with docker exec.</summary>
internal sealed class ContainerConsole(IDocker docker, Machine machine) : IHost
{
    /// <inheritdoc/>
    public string Name => machine.Name;

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(HostCommand command, CancellationToken stop)
    {
        var result = await docker.RunAsync(new(["exec", "-i", machine.Id, command.Program, .. command.Arguments])
        {
            Input = async (stream, token) => await stream.WriteAsync(command.Input ?? default, token),
            Line = command.Output is { } output ? line => output(new(line, false)) : null,
        }, stop);
        return new(result.ExitCode, result.Output, result.Error);
    }

    /// <inheritdoc/>
    public Task WriteAsync(RemoteFile file, CancellationToken stop) => throw new NotSupportedException();

    /// <inheritdoc/>
    public Task<Stream> DialAsync(string host, int port, CancellationToken stop) => throw new NotSupportedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
