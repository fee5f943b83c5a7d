using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Starts the offline lab for tests of real machines, and stops it afterwards if it was stopped before.</summary>
public sealed class OfflineLab : IAsyncLifetime
{
    /// <summary>The prefix of the names of test labs.</summary>
    public const string Prefix = "labtest";

    private bool _wasUp;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _wasUp = (await RunAsync("tests/Lab/lab.sh", "status")).ExitCode == 0;
        var up = await RunAsync("tests/Lab/lab.sh", "up");
        Assert.True(up.ExitCode == 0, up.StandardError);
        Environment.SetEnvironmentVariable("KUBELAB_MIRROR", up.StandardOutput.Trim());
        // Machines of a killed run are in an undefined state. Docker has restarted them.
        Shell.Run($"Get-KlVm {Prefix}* -Provider Docker | Remove-KlVm -Confirm:$false").Good<object>();
    }

    /// <summary>Runs a script of the repository in its root folder.</summary>
    public static async Task<BufferedCommandResult> RunAsync(string script, params string[] arguments) =>
        await Cli.Wrap(Path.Combine(Repository.Root, script)).WithArguments(arguments).WithWorkingDirectory(Repository.Root)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();

    /// <summary>Returns the output lines of a docker command.</summary>
    public static async Task<string[]> DockerAsync(params string[] arguments) =>
        (await Cli.Wrap("docker").WithArguments(arguments).ExecuteBufferedAsync()).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (!_wasUp)
            Assert.Equal(0, (await RunAsync("tests/Lab/lab.sh", "down")).ExitCode);
    }
}

/// <summary>Tests of real machines. Their classes run one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabCollection : ICollectionFixture<OfflineLab>
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "Lab";
}
