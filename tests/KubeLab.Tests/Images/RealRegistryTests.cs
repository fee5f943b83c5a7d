using System.Globalization;
using System.Text.RegularExpressions;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;
using KubeLab.Tests.Lab;

namespace KubeLab.Tests.Images;

/// <summary>Tests with a real docker and a real registry instead of fakes.</summary>
[Collection(LabCollection.Name), Trait("Needs", "Lab")]
public sealed partial class RealRegistryTests
{
    private static readonly IProgress<LabEvent> Silent = new Progress<LabEvent>();

    [Fact]
    public async Task An_image_is_built_and_published_and_published_again_without_changes()
    {
        await using var registry = await DebianRegistry.StartAsync();
        using var folder = new TemporaryFolder("shop", $"FROM debian:12\nRUN echo {Guid.NewGuid()} > /id\nEXPOSE 8080\n");
        using var publisher = new ImagePublisher(registry.Registry, new DockerCli(TimeProvider.System), registry.Client(Dial.TcpAsync));
        var first = await publisher.PublishAsync(folder.Path, new(), Silent, CancellationToken.None);
        Assert.Equal([8080], first.Declares.Ports);

        var again = new Events();
        Assert.Equal(first.Reference, (await publisher.PublishAsync(folder.Path, new(), again, CancellationToken.None)).Reference);
        Assert.DoesNotContain(again.Seen, e => e.Kind == LabEventKind.Changed);
        await new DockerCli(TimeProvider.System).RunAsync(new("image", "rm", "-f", "kubelab/shop:latest"), CancellationToken.None);
    }

    [Fact]
    public async Task The_engine_pushes_only_the_layer_that_changed_and_keeps_its_names()
    {
        await using var registry = await DebianRegistry.StartAsync();
        var (docker, events) = (new DockerCli(TimeProvider.System), new Events());
        async Task<KlImage> PublishAsync()
        {
            using var publisher = new ImagePublisher(registry.Registry, docker, registry.Client(Dial.TcpAsync));
            using var folder = new TemporaryFolder("pushed", $"FROM debian:12\nRUN echo {Guid.NewGuid()} > /id\n");
            events.Seen.Clear();
            return await publisher.PublishAsync(folder.Path, new(), events, CancellationToken.None);
        }
        try
        {
            // The first image is exported because the registry is empty.
            await PublishAsync();
            await PublishAsync();
            Assert.InRange(Sent(), 10_000_000, long.MaxValue);
            var changed = await PublishAsync();
            Assert.InRange(Sent(), 1, 100_000);
            using var client = registry.Client(Dial.TcpAsync);
            Assert.Equal(changed.Digest, Digests.Of((await client.FindManifestAsync("pushed", "latest", CancellationToken.None))!));
            var names = new DockerCommand("image", "inspect", "--format", "{{.RepoTags}} {{.RepoDigests}}", "kubelab/pushed");
            Assert.Equal("[kubelab/pushed:latest] []", await docker.CheckAsync("pushed", names, CancellationToken.None));
        }
        finally
        {
            await docker.RunAsync(new("image", "rm", "-f", "kubelab/pushed:latest"), CancellationToken.None);
        }

        long Sent() => events.Seen.Select(one => SentBytes().Match(one.Message)).Where(match => match.Success)
            .Select(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).Single();
    }

    [Fact]
    public async Task An_upload_succeeds_after_several_broken_connections()
    {
        await using var registry = await DebianRegistry.StartAsync();
        var wire = new FailingConnections { Breaks = 3, After = 6_000_000 };
        using var client = registry.Client(wire.DialAsync);
        var content = SavedTar.Layer("file", 20_000_000);
        using var blob = new Blob(Digests.Of(content), content.Length, null) { Bytes = content };
        await client.UploadAsync("shop", blob, _ => { }, CancellationToken.None);
        Assert.Equal(3, wire.Broken);
        Assert.True(await client.HasBlobAsync("shop", blob.Digest, CancellationToken.None));
        Assert.True(await client.MountAsync("other", blob.Digest, "shop", CancellationToken.None));
    }

    [Fact]
    public async Task A_failed_build_shows_the_output_of_docker()
    {
        using var folder = new TemporaryFolder("broken", "FROM debian:12\nRUN echo so far so good && cat /nope\n");
        var docker = new DockerCli(TimeProvider.System);
        var error = await Assert.ThrowsAsync<KlException>(() => ImageBuild.RunAsync(docker, folder.Path, "broken", Silent, CancellationToken.None));
        Assert.Equal("ImageBuildFailed", error.ErrorId);
        Assert.Contains("so far so good", error.Message, StringComparison.Ordinal);
        Assert.Contains("/nope: No such file", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', error.Message);
    }

    [GeneratedRegex("^docker push sent ([0-9]+) bytes$")]
    private static partial Regex SentBytes();
}
