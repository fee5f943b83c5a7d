using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

// The file of a layer has a name for a moment, which would disturb tests that search for such files.
[Collection("Spool")]
public sealed class ImagePublisherTests : IAsyncLifetime
{
    private readonly byte[] _base = SavedTar.Layer("base", 400_000);
    private readonly byte[] _top = SavedTar.Layer("top", 100_000);
    private readonly FakeDocker _docker = new();
    private readonly Events _events = new();
    private LoopbackRegistry _registry = null!;

    public async Task InitializeAsync()
    {
        _registry = await LoopbackRegistry.StartAsync();
        _docker.Add("kubelab/web:latest", SavedTar.Legacy(SavedTar.Config(_base, _top), _base, _top), _base, _top);
        _docker.Add("kubelab/database:latest", SavedTar.Legacy(SavedTar.Config(_base), _base), _base);
    }

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [Fact]
    public async Task A_folder_is_built_and_published_with_its_declarations()
    {
        using var folder = new TemporaryFolder("web", "FROM scratch");
        var image = await PublishAsync(publisher => publisher.PublishAsync(folder.Path, new() { Tag = "v1" }, _events, CancellationToken.None));
        Assert.Equal($"{_registry.Registry().Address}/web@{image.Digest}", image.Reference);
        Assert.Equal(_base.Length + _top.Length, image.Size);
        Assert.Equal([80, 443], image.Declares.Ports);
        Assert.Equal(["/data"], image.Declares.Volumes);
        Assert.Equal("3", image.Declares.Labels["org.kubelab.replicas"]);
        Assert.Equal(image.Digest, Digests.Of(_registry.Manifests["web:v1"]));
        Assert.Equal(_registry.Manifests["web:latest"], _registry.Manifests["web:v1"]);
        var layers = JsonNode.Parse(_registry.Manifests["web:v1"])!["layers"]!.AsArray();
        Assert.Equal([Digests.Of(_base), Digests.Of(_top)], layers.Select(layer => (string)layer!["digest"]!));
        Assert.Contains(_events.Seen, e => e.Percent is > 0 && e.Message.EndsWith("MB", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_existing_image_is_not_saved_uploaded_or_reported_as_changed()
    {
        var first = await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        var uploads = _registry.Uploads;
        _docker.Calls.Clear();
        _events.Seen.Clear();
        var second = await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal(first.Reference, second.Reference);
        Assert.Equal(uploads, _registry.Uploads);
        Assert.Equal(["image inspect"], _docker.Calls);
        Assert.DoesNotContain(_events.Seen, e => e.Kind == LabEventKind.Changed);
    }

    [Fact]
    public async Task Images_published_together_upload_their_common_base_once()
    {
        using var publisher = new ImagePublisher(_registry.Registry(), _docker, _registry.Client());
        var images = await Task.WhenAll(((string[])["kubelab/web:latest", "kubelab/database:latest"])
            .Select(name => publisher.PublishImageAsync(name, new(), _events, CancellationToken.None)));
        Assert.Equal(["web", "database"], images.Select(image => image.Name));
        // The base, the top and two configurations.
        Assert.Equal(4, _registry.Uploads);
    }

    [Fact]
    public async Task A_base_in_another_repository_is_mounted()
    {
        await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/database:latest", new(), _events, CancellationToken.None));
        var uploads = _registry.Uploads;
        await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal(uploads + 2, _registry.Uploads);
    }

    [Fact]
    public async Task The_base_is_uploaded_again_if_mounts_are_refused()
    {
        _registry.RejectsMounts = true;
        await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/database:latest", new(), _events, CancellationToken.None));
        await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal(5, _registry.Uploads);
    }

    [Fact]
    public async Task A_failed_build_shows_its_output()
    {
        using var folder = new TemporaryFolder("web", "FROM scratch\nRUN make");
        _docker.Build = new(2, "Step 2/2 : RUN make\nmake: *** No targets.", "The command '/bin/sh -c make' returned a non-zero code: 2");
        var error = await FailsAsync(publisher => publisher.PublishAsync(folder.Path, new(), _events, CancellationToken.None));
        Assert.Equal(("ImageBuildFailed", folder.Path), (error.ErrorId, error.Target));
        Assert.Contains("No targets", error.Message, StringComparison.Ordinal);
        Assert.Contains("non-zero code: 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_dockerfile_is_an_error()
    {
        var error = await FailsAsync(publisher => publisher.PublishAsync("/nowhere/web", new(), _events, CancellationToken.None));
        Assert.Equal(("DockerfileNotFound", "/nowhere/web"), (error.ErrorId, error.Target));
        Assert.Empty(_docker.Calls);
    }

    [Fact]
    public async Task A_wrong_password_is_detected_before_the_build()
    {
        using var folder = new TemporaryFolder("web", "FROM scratch");
        using var publisher = new ImagePublisher(_registry.Registry("wrong"), _docker, _registry.Client("wrong"));
        var error = await Assert.ThrowsAsync<KlException>(() => publisher.PublishAsync(folder.Path, new(), _events, CancellationToken.None));
        Assert.Equal("RegistryDenied", error.ErrorId);
        Assert.Empty(_docker.Calls);
    }

    [Fact]
    public async Task A_failed_docker_save_is_reported_with_its_output()
    {
        _docker.SaveFailsAfter = 300_000;
        var error = await FailsAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal("DockerFailed", error.ErrorId);
        Assert.Contains("write: broken", error.Message, StringComparison.Ordinal);
        Assert.Empty(_registry.Manifests);
    }

    [Fact]
    public async Task A_failed_upload_is_an_error_of_the_registry_and_leaves_no_manifest()
    {
        _registry.Drops = int.MaxValue;
        _registry.DropAfter = 0;
        var error = await FailsAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal("RegistryUnreachable", error.ErrorId);
        Assert.Empty(_registry.Manifests);
    }

    [Fact]
    public async Task A_stopped_push_leaves_no_file_and_the_next_run_completes()
    {
        var gate = new TaskCompletionSource();
        _registry.Gate = gate.Task;
        using var stop = new CancellationTokenSource();
        using (var publisher = new ImagePublisher(_registry.Registry(), _docker, _registry.Client()))
        {
            var publishing = publisher.PublishImageAsync("kubelab/web:latest", new(), _events, stop.Token);
            while (!publishing.IsCompleted && !_registry.Requests.Any(LoopbackRegistry.IsUpload))
                await Task.Yield();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
        }
        Assert.Empty(SpoolFiles.Named);
        gate.SetResult();
        var image = await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal(image.Digest, Digests.Of(_registry.Manifests["web:latest"]));
    }

    [Theory]
    [InlineData("Web Shop")]
    [InlineData("-web")]
    public async Task An_invalid_name_is_rejected(string name)
    {
        var error = await FailsAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new() { Name = name }, _events, CancellationToken.None));
        Assert.Equal("ImageNameInvalid", error.ErrorId);
    }

    [Fact]
    public async Task A_missing_image_is_an_error()
    {
        var error = await FailsAsync(publisher => publisher.PublishImageAsync("nginx:1", new(), _events, CancellationToken.None));
        Assert.Equal(("ImageNotFound", "nginx:1"), (error.ErrorId, error.Target));
    }

    private async Task<KlImage> PublishAsync(Func<ImagePublisher, Task<KlImage>> work)
    {
        using var publisher = new ImagePublisher(_registry.Registry(), _docker, _registry.Client());
        return await work(publisher);
    }

    private Task<KlException> FailsAsync(Func<ImagePublisher, Task<KlImage>> work) =>
        Assert.ThrowsAsync<KlException>(() => PublishAsync(work));
}
