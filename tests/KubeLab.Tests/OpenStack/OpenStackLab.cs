using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Lab;

namespace KubeLab.Tests.OpenStack;

/// <summary>A real control plane on the loopback; labs' keys go to a folder of the test's own.</summary>
public sealed class OpenStackLab : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubelab-test-");
    private string _clouds = "";

    /// <summary>Where the labs' keys are.</summary>
    public string Root => _folder.FullName;

    /// <summary>A process that is not logged in yet.</summary>
    internal Clouds NewClouds() => new(TimeProvider.System)
    {
        Files = () => new(Root, name => name is "OS_CLIENT_CONFIG_FILE" ? _clouds : name is "OS_CLIENT_SECURE_FILE" ? Path.Combine(Path.GetDirectoryName(_clouds)!, "secure.yaml") : null),
    };

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        var up = await OfflineLab.RunAsync("tests/Lab/openstack.sh", "up");
        Assert.True(up.ExitCode == 0, up.StandardError);
        _clouds = up.StandardOutput.Trim();
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>All that the project has, in the words of OpenStack's own client.</summary>
    public async Task<string> SeeAsync()
    {
        var kinds = new[] { "server", "port", "network", "subnet", "router", "floating ip", "security group", "keypair", "server group" };
        var commands = string.Concat(kinds.Select(kind => $"{kind} list -f value\n"));
        var seen = await Cli.Wrap("openstack").WithEnvironmentVariables(set => set.Set("OS_CLIENT_CONFIG_FILE", _clouds).Set("OS_CLOUD", "lab"))
            .WithWorkingDirectory(Path.GetDirectoryName(_clouds)!).WithStandardInputPipe(PipeSource.FromString(commands)).ExecuteBufferedAsync();
        Assert.Equal("", seen.StandardError);
        return string.Join('\n', seen.StandardOutput.Split('\n').Order(StringComparer.Ordinal));
    }
}

/// <summary>Tests against it, never beside others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OpenStackCollection : ICollectionFixture<OpenStackLab>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "OpenStack provider";
}
