using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Tests.Machines;

/// <summary>Machines with a predefined result for each command.</summary>
internal sealed class FakeHosts(Func<string, HostCommand, CommandResult> answer) : IHostPool
{
    /// <summary>Machines that are running.</summary>
    public static FakeHosts Up() => new((_, command) => command.ToString() switch
    {
        "systemctl is-system-running" => new(0, "running\n", ""),
        "true" => new(0, "", ""),
        var other => throw new InvalidOperationException($"unexpected command '{other}'"),
    });

    /// <summary>Runs before each command, and can wait.</summary>
    public Func<string, HostCommand, CancellationToken, Task> Before { get; init; } = (_, _, _) => Task.CompletedTask;

    public IHost Open(string name, SshEndpoint endpoint) => new Host(name, Before, answer);

    public void Drop(string name, SshEndpoint endpoint)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Host(
        string name, Func<string, HostCommand, CancellationToken, Task> before, Func<string, HostCommand, CommandResult> answer) : IHost
    {
        public string Name => name;

        public async Task<CommandResult> RunAsync(HostCommand command, CancellationToken stop)
        {
            await before(name, command, stop);
            var result = answer(name, command);
            foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                command.Output?.Invoke(new(line, false));
            foreach (var line in result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                command.Output?.Invoke(new(line, true));
            return result;
        }

        public Task WriteAsync(RemoteFile file, CancellationToken stop) => throw new InvalidOperationException("unexpected file");

        public Task<Stream> DialAsync(string host, int port, CancellationToken stop) => throw new InvalidOperationException("unexpected stream");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Records events.</summary>
internal sealed class Heard : IProgress<LabEvent>
{
    private readonly List<LabEvent> _all = [];

    public IReadOnlyList<string> Of(LabEventKind kind)
    {
        lock (_all)
            return [.. _all.Where(one => one.Kind == kind).Select(one => $"{one.Target}: {one.Message}")];
    }

    public void Report(LabEvent value)
    {
        lock (_all)
            _all.Add(value);
    }
}

/// <summary>A temporary folder of a test.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
