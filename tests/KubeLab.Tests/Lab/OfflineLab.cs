using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>The offline lab, brought up for tests of real machines; kubeconfig and keys go to a folder of the test's own.</summary>
public sealed class OfflineLab : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubelab-");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        Environment.SetEnvironmentVariable("KUBECONFIG", Path.Combine(_folder.FullName, "kubeconfig"));
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", _folder.FullName);
        var up = await RunAsync("tests/Lab/lab.sh", "up");
        Assert.True(up.ExitCode == 0, up.StandardError);
        Environment.SetEnvironmentVariable("KUBELAB_MIRROR", up.StandardOutput.Trim());
    }

    /// <summary>Runs a script of the repository from its root, to its end.</summary>
    public static async Task<BufferedCommandResult> RunAsync(string script, params string[] arguments) =>
        await Cli.Wrap(Path.Combine(Repository.Root, script)).WithArguments(arguments).WithWorkingDirectory(Repository.Root)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();

    /// <summary>The lines that a docker command prints.</summary>
    public static async Task<string[]> DockerAsync(params string[] arguments) =>
        (await Cli.Wrap("docker").WithArguments(arguments).ExecuteBufferedAsync()).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }
}

/// <summary>Tests of real machines, one class at a time and never beside the fast ones.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LabCollection : ICollectionFixture<OfflineLab>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Lab";
}
