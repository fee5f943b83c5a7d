using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Lab;

namespace KubeLab.Tests.OpenStack.Client;

/// <summary>The lab's OpenStack (tests/Lab/openstack.sh). It is started for the tests, and stopped afterwards if it was not running.</summary>
public sealed class RealCloud : IAsyncLifetime
{
    private bool _wasUp;

    /// <summary>Its clouds.yaml. secure.yaml is in the same folder.</summary>
    public string CloudsFile { get; private set; } = "";

    /// <summary>The clouds lab and lab-admin.</summary>
    public CloudFiles Files => new("/", name => name == "OS_CLIENT_CONFIG_FILE" ? CloudsFile : null);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _wasUp = (await OfflineLab.RunAsync("tests/Lab/openstack.sh", "status")).ExitCode == 0;
        var up = await OfflineLab.RunAsync("tests/Lab/openstack.sh", "up");
        Assert.True(up.ExitCode == 0, up.StandardError);
        CloudsFile = up.StandardOutput.Trim();
    }

    /// <summary>Logs in.</summary>
    public Task<OpenStackCloud> OpenAsync(string name = "lab") => OpenStackCloud.ConnectAsync(Files.Load(name), TimeProvider.System, CancellationToken.None);

    /// <summary>Waits for a server's status.</summary>
    internal static Task<Server> UntilAsync(OpenStackCloud cloud, string id, string status) => Wait.UntilAsync(stop => cloud.GetAsync<Server>(id, stop),
        server => server.Status == status ? Verdict.Ready : server.Status == "ERROR" ? Verdict.Failed(server.Fault?.Message ?? "")
        : Verdict.Pending(server.Status),
        new(id, status, TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(200)), TimeProvider.System, CancellationToken.None);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (!_wasUp)
            Assert.Equal(0, (await OfflineLab.RunAsync("tests/Lab/openstack.sh", "down")).ExitCode);
    }
}

/// <summary>Tests with the lab's OpenStack. The classes run one at a time, and never in parallel with other tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealCloudCollection : ICollectionFixture<RealCloud>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "OpenStack";
}
