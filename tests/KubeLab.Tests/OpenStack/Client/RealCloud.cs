using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;
using KubeLab.Tests.Lab;

namespace KubeLab.Tests.OpenStack.Client;

/// <summary>The lab's OpenStack (tests/Lab/openstack.sh), brought up where it is not.</summary>
public sealed class RealCloud : IAsyncLifetime
{
    /// <summary>Its clouds.yaml, with secure.yaml beside it.</summary>
    public string CloudsFile { get; private set; } = "";

    /// <summary>The clouds lab and lab-admin.</summary>
    public CloudFiles Files => new("/", name => name == "OS_CLIENT_CONFIG_FILE" ? CloudsFile : null);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        var up = await OfflineLab.RunAsync("tests/Lab/openstack.sh", "up");
        Assert.True(up.ExitCode == 0, up.StandardError);
        CloudsFile = up.StandardOutput.Trim();
    }

    /// <summary>Logs in.</summary>
    public Task<OpenStackCloud> OpenAsync(string name = "lab") => OpenStackCloud.ConnectAsync(Files.Load(name), TimeProvider.System, CancellationToken.None);

    /// <summary>Waits for a server's status.</summary>
    internal static Task<Server> UntilAsync(OpenStackCloud cloud, string id, string status) => Wait.UntilAsync(stop => cloud.GetAsync<Server>(id, stop),
        server => server.Status == status ? Verdict.Ready : server.Status == "ERROR" ? Verdict.Failed(server.Fault?.Message ?? "") : Verdict.Pending(server.Status),
        new(id, status, TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(200)), TimeProvider.System, CancellationToken.None);

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>Tests against the lab's OpenStack, one class at a time and never beside the fast ones.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealCloudCollection : ICollectionFixture<RealCloud>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "OpenStack";
}
