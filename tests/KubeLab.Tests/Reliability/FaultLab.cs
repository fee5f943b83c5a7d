using System.Collections.Concurrent;
using System.Text;
using KubeLab.Engine;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability;

/// <summary>Container machines with a predefined output of each script, over SSH and with docker exec.</summary>
internal sealed class FaultLab : IDisposable
{
    private readonly Folder _folder = new();

    public FakeEngine Docker { get; } = new();

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The output of a script over SSH. Default: none.</summary>
    public Func<string, string, string> Script { get; set; } = (_, _) => "";

    /// <summary>Runs before each script, and can wait.</summary>
    public Func<string, string, CancellationToken, Task> Before { get; set; } = (_, _, _) => Task.CompletedTask;

    /// <summary>The faults that were ended with docker exec, as MACHINE ID.</summary>
    public ConcurrentQueue<string> Ended { get; } = new();

    /// <summary>The machines, if they are not those of Docker.</summary>
    public IMachineProvider? Provider { get; init; }

    public FaultLab() => Docker.Script = (container, script) =>
    {
        Ended.Enqueue($"{container.Name} {Value(script, "END")}");
        return "";
    };

    public LabEngine Engine => new(
        new FakeHosts((name, command) => command.Program == "bash" ? new(0, Script(name, TextOf(command)), "") : new(0, "running\n", ""))
        { Before = (name, command, stop) => command.Program == "bash" ? Before(name, TextOf(command), stop) : Task.CompletedTask },
        [Provider ?? new DockerProvider(Docker, FakeHosts.Up(), new(_folder.Path, TimeProvider.System), TimeProvider.System)], Clock);

    /// <summary>Creates container machines. They are ready in any order.</summary>
    public IReadOnlyList<Machine> Create(int count) =>
        [.. Shell.Run($"New-KlVm lab -Count {count}", Engine).Good<Machine>().OrderBy(one => one.Name)];

    /// <summary>Runs a script as another session.</summary>
    public ShellResult Run(string script, IReadOnlyDictionary<string, object?>? variables = null,
        Func<System.Management.Automation.PowerShell, Task>? meanwhile = null, Func<string, int>? choose = null) =>
        Shell.Run(script, Engine, variables, meanwhile, choose);

    /// <summary>Runs a script whose current context is a fake server.</summary>
    public ShellResult RunWith(FakeApi api, string script, Func<string, int>? choose = null)
    {
        var config = Path.Combine(_folder.Path, "kubeconfig");
        File.WriteAllText(config, Kubectl.Config(api.Url));
        return Run($"$was = $env:KUBECONFIG; $env:KUBECONFIG = '{config}'; try {{ {script} }} finally {{ $env:KUBECONFIG = $was }}", choose: choose);
    }

    /// <summary>The value of a parameter of a script.</summary>
    public static string Value(string script, string name) =>
        script.Split('\n').FirstOrDefault(line => line.StartsWith($"{name}='", StringComparison.Ordinal))?[(name.Length + 2)..^1] ?? "";

    /// <summary>The line of an active fault.</summary>
    public static string Active(string id, FaultKind kind, int age = 1) => $"::fact {id}=active {age} {kind}\t30\tlab\t\tlab-1\n";

    public static KlException Silent(string name) => new(ErrorIds.HostUnreachable, KlErrorKind.Unreachable, name, $"{name} does not answer.");

    public void Dispose() => _folder.Dispose();

    private static string TextOf(HostCommand command) => Encoding.UTF8.GetString(command.Input!.Value.Span);
}

/// <summary>Virtual machines whose provider has no power over them, or restarts them.</summary>
internal class FakeVms(params Machine[] machines) : IMachineProvider
{
    public string Name => "Ssh";

    public IAsyncEnumerable<Machine> ListAsync(string? lab, CancellationToken stop) => machines.ToAsyncEnumerable();

    public Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop) => throw new NotSupportedException();

    public static Machine Vm { get; } = new()
    {
        Name = "vm-1", Lab = "vm", Provider = "Ssh", Id = "i", State = "Running", Address = "10.0.0.1",
        Ssh = new("127.0.0.1", 22, "root"), ApiEndpoint = "127.0.0.1:6443",
    };
}

internal sealed class FakeCloudVms(params Machine[] machines) : FakeVms(machines), IHardReset
{
    public int Resets { get; private set; }

    public Task ResetAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        Resets++;
        return Task.CompletedTask;
    }
}
