using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>The offline lab, brought up for tests of real machines, and down again where it was.</summary>
public sealed class OfflineLab : IAsyncLifetime
{
    /// <summary>What the names of the tests' own labs begin with.</summary>
    public const string Mark = "labtest";

    private bool _wasUp;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _wasUp = (await RunAsync("tests/Lab/lab.sh", "status")).ExitCode == 0;
        var up = await RunAsync("tests/Lab/lab.sh", "up");
        Assert.True(up.ExitCode == 0, up.StandardError);
        Environment.SetEnvironmentVariable("KUBELAB_MIRROR", up.StandardOutput.Trim());
        // Machines of a run that was killed are in any state; the engine started them again.
        Shell.Run($"Get-KlVm {Mark}* -Provider Docker | Remove-KlVm -Confirm:$false").Good<object>();
    }

    /// <summary>Runs a script of the repository from its root, to its end.</summary>
    public static async Task<BufferedCommandResult> RunAsync(string script, params string[] arguments) =>
        await Cli.Wrap(Path.Combine(Repository.Root, script)).WithArguments(arguments).WithWorkingDirectory(Repository.Root)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();

    /// <summary>The lines that a docker command prints.</summary>
    public static async Task<string[]> DockerAsync(params string[] arguments) =>
        (await Cli.Wrap("docker").WithArguments(arguments).ExecuteBufferedAsync()).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (!_wasUp)
            Assert.Equal(0, (await RunAsync("tests/Lab/lab.sh", "down")).ExitCode);
    }
}

/// <summary>Tests of real machines, one class at a time and never beside the fast ones.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabCollection : ICollectionFixture<OfflineLab>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Lab";
}
