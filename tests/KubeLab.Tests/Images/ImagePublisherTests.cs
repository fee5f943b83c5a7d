using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

// A layer's file has a name for a moment: no other test may look for it then.
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
    public async Task A_folder_is_built_and_its_image_is_in_the_registry_with_what_it_declares()
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
        Assert.Equal([Digests.Of(_base), Digests.Of(_top)], JsonNode.Parse(_registry.Manifests["web:v1"])!["layers"]!.AsArray().Select(layer => (string)layer!["digest"]!));
        Assert.Contains(_events.Seen, e => e.Percent is > 0 && e.Message.EndsWith("MB", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_there_already_is_neither_saved_nor_uploaded_nor_called_a_change()
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
    public async Task Images_published_at_once_upload_their_common_base_once()
    {
        using var publisher = new ImagePublisher(_registry.Registry(), _docker, _registry.Client());
        var images = await Task.WhenAll(((string[])["kubelab/web:latest", "kubelab/database:latest"])
            .Select(name => publisher.PublishImageAsync(name, new(), _events, CancellationToken.None)));
        Assert.Equal(["web", "database"], images.Select(image => image.Name));
        // Base, top and two configurations.
        Assert.Equal(4, _registry.Uploads);
    }

    [Fact]
    public async Task A_base_that_another_repository_has_is_taken_over_from_there()
    {
        await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/database:latest", new(), _events, CancellationToken.None));
        var uploads = _registry.Uploads;
        await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal(uploads + 2, _registry.Uploads);
    }

    [Fact]
    public async Task Where_mounts_are_refused_the_base_is_uploaded_again()
    {
        _registry.RefusesMounts = true;
        await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/database:latest", new(), _events, CancellationToken.None));
        await PublishAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal(5, _registry.Uploads);
    }

    [Fact]
    public async Task A_dockerfile_that_fails_shows_its_own_output()
    {
        using var folder = new TemporaryFolder("web", "FROM scratch\nRUN make");
        _docker.Build = new(2, "Step 2/2 : RUN make\nmake: *** No targets.", "The command '/bin/sh -c make' returned a non-zero code: 2");
        var error = await FailsAsync(publisher => publisher.PublishAsync(folder.Path, new(), _events, CancellationToken.None));
        Assert.Equal(("ImageBuildFailed", folder.Path), (error.ErrorId, error.Target));
        Assert.Contains("No targets", error.Message, StringComparison.Ordinal);
        Assert.Contains("non-zero code: 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_dockerfile_is_named()
    {
        var error = await FailsAsync(publisher => publisher.PublishAsync("/nowhere/web", new(), _events, CancellationToken.None));
        Assert.Equal(("DockerfileNotFound", "/nowhere/web"), (error.ErrorId, error.Target));
        Assert.Empty(_docker.Calls);
    }

    [Fact]
    public async Task A_wrong_password_is_known_before_the_build()
    {
        using var folder = new TemporaryFolder("web", "FROM scratch");
        using var publisher = new ImagePublisher(_registry.Registry("wrong"), _docker, _registry.Client("wrong"));
        var error = await Assert.ThrowsAsync<KlException>(() => publisher.PublishAsync(folder.Path, new(), _events, CancellationToken.None));
        Assert.Equal("RegistryDenied", error.ErrorId);
        Assert.Empty(_docker.Calls);
    }

    [Fact]
    public async Task When_docker_save_fails_its_own_words_are_the_error()
    {
        _docker.BreaksOffAfter = 300_000;
        var error = await FailsAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal("DockerFailed", error.ErrorId);
        Assert.Contains("write: broken", error.Message, StringComparison.Ordinal);
        Assert.Empty(_registry.Manifests);
    }

    [Fact]
    public async Task When_an_upload_fails_the_error_is_the_registrys_and_there_is_no_manifest()
    {
        _registry.Drops = int.MaxValue;
        _registry.DropAfter = 0;
        var error = await FailsAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new(), _events, CancellationToken.None));
        Assert.Equal("RegistryUnreachable", error.ErrorId);
        Assert.Empty(_registry.Manifests);
    }

    [Fact]
    public async Task Stopped_half_way_it_leaves_no_file_and_the_next_run_completes()
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
    public async Task A_name_that_no_registry_takes_is_refused(string name)
    {
        var error = await FailsAsync(publisher => publisher.PublishImageAsync("kubelab/web:latest", new() { Name = name }, _events, CancellationToken.None));
        Assert.Equal("ImageNameInvalid", error.ErrorId);
    }

    [Fact]
    public async Task An_image_the_engine_does_not_have_is_named()
    {
        var error = await FailsAsync(publisher => publisher.PublishImageAsync("nginx:1", new(), _events, CancellationToken.None));
        Assert.Equal(("ImageNotFound", "nginx:1"), (error.ErrorId, error.Target));
    }

    private async Task<KlImage> PublishAsync(Func<ImagePublisher, Task<KlImage>> work)
    {
        using var publisher = new ImagePublisher(_registry.Registry(), _docker, _registry.Client());
        return await work(publisher);
    }

    private Task<KlException> FailsAsync(Func<ImagePublisher, Task<KlImage>> work) => Assert.ThrowsAsync<KlException>(() => PublishAsync(work));
}
