using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;
using KubeLab.Tests.Pipeline;
using KubeLab.Tests.Remote;

namespace KubeLab.Tests.Images;

/// <summary>Debian's docker-registry in a container, with certificates and a password as in a cluster.</summary>
internal sealed class DebianRegistry : IAsyncDisposable
{
    private const string Image = "kubelab-test-registry";
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("klt-");
    private readonly RegistryState _state;
    private readonly KlRegistry _registry;
    private string? _container;

    private DebianRegistry()
    {
        var cluster = TestCluster.Named("lab");
        cluster = cluster with { ControlPlane = cluster.ControlPlane with { Address = "127.0.0.1" } };
        _state = RegistryState.Of(cluster, new() { Port = Sshd.FreePort() }, null, DateTimeOffset.UtcNow);
        _registry = _state.ToRegistry(cluster);
    }

    public static async Task<DebianRegistry> StartAsync()
    {
        using var build = new TemporaryFolder("registry",
            "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends docker-registry && rm -rf /var/lib/apt/lists/*\n");
        var registry = new DebianRegistry();
        await registry.RunAsync(build.Path);
        return registry;
    }

    public KlRegistry Registry => _registry;

    /// <summary>Creates a client with the given connections.</summary>
    public RegistryClient Client(Func<string, int, CancellationToken, Task<Stream>> dial) =>
        new(_registry, dial, TimeProvider.System) { Pause = TimeSpan.FromMilliseconds(10) };

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
            await new DockerCli(TimeProvider.System).CheckAsync(Image, new("rm", "-fv", _container), CancellationToken.None);
        _files.Delete(recursive: true);
    }

    private async Task RunAsync(string build)
    {
        await File.WriteAllTextAsync(Path.Combine(_files.FullName, "htpasswd"), _state.Htpasswd + "\n");
        await File.WriteAllTextAsync(Path.Combine(_files.FullName, "tls.crt"), _state.Server.Certificate);
        await File.WriteAllTextAsync(Path.Combine(_files.FullName, "tls.key"), _state.Server.Key);
        var docker = new DockerCli(TimeProvider.System);
        await docker.CheckAsync(Image, new("build", "-t", Image, build), CancellationToken.None);
        _container = await docker.CheckAsync(Image, new(
            "run", "-d", "--label", "org.kubelab=test", "-p", $"{_registry.Address}:5000", "-v", $"{_files.FullName}:/files:ro",
            "-e", "REGISTRY_AUTH_HTPASSWD_PATH=/files/htpasswd",
            "-e", "REGISTRY_HTTP_TLS_CERTIFICATE=/files/tls.crt", "-e", "REGISTRY_HTTP_TLS_KEY=/files/tls.key",
            Image, "docker-registry", "serve", "/etc/docker/registry/config.yml"), CancellationToken.None);
        using var client = Client(Dial.TcpAsync);
        await Wait.UntilAsync(client.TryPingAsync, problem => problem is null ? Verdict.Ready : Verdict.Pending(problem),
            new(Image, "the registry", Gates.Timeout, TimeSpan.FromMilliseconds(100)), TimeProvider.System, CancellationToken.None);
    }
}
