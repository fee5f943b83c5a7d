using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Starts the offline lab for tests of real machines. The last test process that uses it stops it again if it was stopped before.</summary>
public sealed class OfflineLab : IAsyncLifetime
{
    /// <summary>The prefix of the names of test labs.</summary>
    public const string Prefix = "labtest";

    private static readonly string _folder = Directory.CreateDirectory(Path.Combine(Results, "lab")).FullName;

    /// <summary>The folder of reports and of other results of the tests.</summary>
    public static string Results => Path.Combine(Repository.Root, "TestResults");

    // Exists if this run of the tests has started the lab.
    private static readonly string _started = Path.Combine(_folder, "started");
    private static readonly LabUsers _users = new(_folder);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        using var held = await _users.LockAsync();
        var isFirst = !_users.HasOthers;
        _users.Add();
        if (isFirst && (await RunAsync("tests/Lab/lab.sh", "status")).ExitCode != 0)
            await File.WriteAllTextAsync(_started, "");
        var up = await RunAsync("tests/Lab/lab.sh", "up");
        Assert.True(up.ExitCode == 0, up.StandardError);
        Environment.SetEnvironmentVariable("KUBELAB_MIRROR", up.StandardOutput.Trim());
        // Machines of a killed run are in an undefined state. Docker has restarted them.
        if (isFirst)
            Shell.Run($"Get-KlVm {Prefix}* -Provider Docker | Remove-KlVm -Confirm:$false").Good<object>();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        using var held = await _users.LockAsync();
        _users.Dispose();
        if (_users.HasOthers || !File.Exists(_started))
            return;
        Assert.Equal(0, (await RunAsync("tests/Lab/lab.sh", "down")).ExitCode);
        File.Delete(_started);
    }

    /// <summary>Waits until no other test process uses the lab. Until the result is disposed, no other process starts to use it.</summary>
    public static Task<IDisposable> LockAloneAsync() => _users.LockAloneAsync();

    /// <summary>Runs a script of the repository in its root folder.</summary>
    public static async Task<BufferedCommandResult> RunAsync(string script, params string[] arguments) =>
        await Cli.Wrap(Path.Combine(Repository.Root, script)).WithArguments(arguments).WithWorkingDirectory(Repository.Root)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();

    /// <summary>Returns the volumes of containers.</summary>
    /// <param name="filter">A filter of docker ps.</param>
    public static async Task<string[]> VolumesAsync(string filter) => await DockerAsync(
        ["inspect", "--format", "{{range .Mounts}}{{.Name}}{{println}}{{end}}", .. await DockerAsync("ps", "-aq", "--filter", filter)]);

    /// <summary>Returns the output lines of a docker command.</summary>
    public static async Task<string[]> DockerAsync(params string[] arguments) =>
        (await Cli.Wrap("docker").WithArguments(arguments).ExecuteBufferedAsync()).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Tests of real machines. Their classes run one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabCollection : ICollectionFixture<OfflineLab>
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "Lab";
}
