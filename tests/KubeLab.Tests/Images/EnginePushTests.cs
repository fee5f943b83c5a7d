using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

// Images that cannot be pushed by the engine are saved to files, which would disturb tests that search for such files.
[Collection("Spool")]
public sealed class EnginePushTests : IAsyncLifetime
{
    private const string Local = "unix:///run/my.sock";
    private const string Refused = "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused";

    private readonly byte[] _base = SavedTar.Layer("base", 400_000);
    private readonly byte[] _top = SavedTar.Layer("top", 100_000);
    private readonly byte[] _changed = SavedTar.Layer("top", 100_000);
    private readonly Events _events = new();
    private FakeDocker _docker = new() { Endpoint = Local };
    private LoopbackRegistry _registry = null!;

    public async Task InitializeAsync()
    {
        _registry = await LoopbackRegistry.StartAsync();
        _registry.Blobs["other@sha256:0"] = [];
        AddImages();
    }

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [Fact]
    public async Task An_engine_on_this_computer_pushes_only_new_layers()
    {
        var first = await PublishAsync("web:1");
        var uploads = _registry.Uploads;
        _events.Seen.Clear();
        var second = await PublishAsync("web:2", "v2");

        Assert.DoesNotContain("image save", _docker.Calls);
        // The changed layer and the configuration.
        Assert.Equal(uploads + 2, _registry.Uploads);
        Assert.NotEqual(first.Digest, second.Digest);
        Assert.Equal(_base.Length + _changed.Length, second.Size);
        Assert.Equal($"{_registry.Registry().Address}/web@{second.Digest}", second.Reference);
        Assert.Equal(second.Digest, Digests.Of(_registry.Manifests["web:v2"]));
        Assert.Equal(_registry.Manifests["web:latest"], _registry.Manifests["web:v2"]);
        Assert.Equal(3, _events.Seen.Count(e => e.Kind == LabEventKind.Changed));
        Assert.Contains(_events.Seen, e => e.Percent is > 0 && e.Message.EndsWith("MB", StringComparison.Ordinal));
        Assert.Empty(_docker.Names);
    }

    [Fact]
    public async Task A_published_image_is_not_pushed_again()
    {
        var first = await PublishAsync("web:1");
        _docker.Calls.Clear();
        Assert.Equal(first.Reference, (await PublishAsync("web:1")).Reference);
        Assert.Equal(["image inspect"], _docker.Calls);
    }

    [Fact]
    public async Task The_first_images_of_a_registry_are_saved_and_their_next_versions_are_pushed()
    {
        _registry.Blobs.Clear();
        using var publisher = Publisher();
        await Task.WhenAll(((string[])["web", "base"]).Select(name =>
            publisher.PublishImageAsync("web:1", new() { Name = name }, _events, CancellationToken.None)));
        Assert.DoesNotContain("image push", _docker.Calls);
        Assert.Contains("the registry is empty", SavedBecause(), StringComparison.Ordinal);
        _docker.Calls.Clear();
        await PublishAsync("web:2");
        Assert.DoesNotContain("image save", _docker.Calls);
    }

    [Fact]
    public async Task An_image_without_later_versions_is_saved()
    {
        using var publisher = Publisher();
        await publisher.PublishImageAsync("web:1", new() { IsFinal = true }, _events, CancellationToken.None);
        Assert.Equal(["image inspect", "image save"], _docker.Calls);
    }

    [Fact]
    public async Task The_engine_that_the_user_selected_pushes()
    {
        await PublishAsync("web:1");
        var push = _docker.Commands.Last(command => command.Arguments is ["image", "push", ..]);
        Assert.Equal(Local, push.Environment["DOCKER_HOST"]);
        Assert.Equal([null, null], ((string[])["DOCKER_CONTEXT", "DOCKER_TLS_VERIFY"]).Select(name => push.Environment[name]));
    }

    [Theory]
    [InlineData("tcp://127.0.0.1:2375", "is not on this computer")]
    [InlineData("ssh://me@build", "is not on this computer")]
    [InlineData("", "no such context")]
    public async Task An_engine_on_another_computer_saves_the_image(string endpoint, string why)
    {
        _docker.Endpoint = endpoint;
        await PublishAsync("web:1");
        Assert.Equal(["image inspect", "context inspect", "image save"], _docker.Calls);
        Assert.Contains(why, SavedBecause(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Refused)]
    // Another server on that port asks for the password.
    [InlineData("no basic auth credentials")]
    public async Task An_engine_that_does_not_reach_the_port_saves_the_image_and_never_gets_the_password(string answer)
    {
        _docker.Elsewhere = answer;
        using var publisher = Publisher();
        var image = await publisher.PublishImageAsync("web:1", new(), _events, CancellationToken.None);
        Assert.Contains(answer, SavedBecause(), StringComparison.Ordinal);
        Assert.Equal(image.Digest, Digests.Of(_registry.Manifests["web:latest"]));
        await publisher.PublishImageAsync("web:2", new(), _events, CancellationToken.None);

        Assert.Equal("", Assert.Single(_docker.Folders).Modes);
        Assert.Equal(2, _docker.Calls.Count(call => call == "image save"));
        Assert.Empty(_docker.Names);
    }

    [Fact]
    public async Task An_engine_that_does_not_accept_the_certificate_saves_the_image()
    {
        _docker.IsStrict = true;
        await PublishAsync("web:1");
        Assert.Contains("x509", SavedBecause(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_push_is_the_only_error()
    {
        _docker.PushError = "received unexpected HTTP status: 500 Internal Server Error";
        var error = await Assert.ThrowsAsync<KlException>(() => PublishAsync("web:1"));
        Assert.Equal("RegistryFailed", error.ErrorId);
        Assert.Contains("500 Internal Server Error", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("image save", _docker.Calls);
        Assert.Empty(_registry.Manifests);
        AssertNothingRemains();
    }

    [Fact]
    public async Task A_password_that_is_changed_during_a_push_is_an_error_of_the_registry()
    {
        _docker.PushError = "unauthorized: authentication required";
        _docker.Pushing = () => _registry.FixedResponse = (401, "X-Test", "1");
        Assert.Equal("RegistryDenied", (await Assert.ThrowsAsync<KlException>(() => PublishAsync("web:1"))).ErrorId);
        AssertNothingRemains();
    }

    [Fact]
    public async Task Ctrl_C_removes_the_temporary_name_and_the_password()
    {
        using var stop = new CancellationTokenSource();
        _docker.Pushing = stop.Cancel;
        using var publisher = Publisher();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher.PublishImageAsync("web:1", new(), _events, stop.Token));
        Assert.Contains("image rm", _docker.Calls);
        Assert.DoesNotContain("image save", _docker.Calls);
        AssertNothingRemains();
    }

    [Fact]
    public async Task The_password_is_only_in_a_private_file()
    {
        await PublishAsync("web:1");
        var secrets = new[] { "right", Convert.ToBase64String(Encoding.UTF8.GetBytes("kubelab:right")) };
        string[] visible =
        [
            .. _docker.Commands.SelectMany(command => command.Arguments.Concat(command.Environment.Values.OfType<string>())),
            .. _events.Seen.Select(e => e.ToString()),
        ];
        Assert.DoesNotContain(visible, text => secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal)));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(["", "700 600"], _docker.Folders.Select(one => one.Modes));
        AssertNothingRemains();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_image_that_is_not_the_one_that_was_pushed_is_not_published(bool isPushed)
    {
        _docker.PushesAnother = isPushed;
        var config = Digests.Of(SavedTar.Config(_base, _top));
        _registry.ForgedManifest = isPushed ? null : Encoding.UTF8.GetBytes($$$"""{"config": {"digest": "{{{config}}}"}, "layers": []}""");
        var image = await PublishAsync("web:1");
        Assert.Contains("does not have the image", SavedBecause(), StringComparison.Ordinal);
        Assert.All(["latest", .. ContentTags()], tag => Assert.Equal(image.Digest, Digests.Of(_registry.Manifests["web:" + tag])));
        Assert.Equal(config, (string?)JsonNode.Parse(_registry.Manifests["web:latest"])!["config"]!["digest"]);
    }

    [Fact]
    public async Task An_unverified_image_has_no_content_tag()
    {
        _docker.PushesAnother = true;
        _docker.SaveFailsAfter = 1000;
        await Assert.ThrowsAsync<KlException>(() => PublishAsync("web:1"));
        Assert.Empty(ContentTags());
    }

    [Fact]
    public async Task The_manifest_for_the_platform_is_published_from_the_containerd_image_store()
    {
        _docker = new() { Endpoint = Local, PushesIndex = true, IdOf = layers => Digests.Of(FakeDocker.Index(layers)) };
        AddImages();
        var image = await PublishAsync("web:1");
        Assert.DoesNotContain("image save", _docker.Calls);
        Assert.Equal(_base.Length + _top.Length, image.Size);
        Assert.Equal(image.Digest, Digests.Of(_registry.Manifests["web:latest"]));
        Assert.NotEqual(image.Digest, Digests.Of(FakeDocker.Index(_base, _top)));
    }

    [Fact]
    public async Task An_image_without_a_name_is_saved_because_removing_its_only_name_would_remove_it()
    {
        var id = Digests.Of(SavedTar.Config(_base));
        _docker.Add(id, SavedTar.Legacy(SavedTar.Config(_base), _base), _base);
        await PublishAsync(id, name: "web");
        Assert.DoesNotContain("image tag", _docker.Calls);
        Assert.Contains("no name", SavedBecause(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_published_together_upload_their_common_base_once()
    {
        using var publisher = Publisher();
        await Task.WhenAll(((string[])["web:1", "web:2"]).Select(name => publisher.PublishImageAsync(name, new(), _events, CancellationToken.None)));
        // The base, two tops and two configurations.
        Assert.Equal(5, _registry.Uploads);
        AssertNothingRemains();
    }

    private void AddImages()
    {
        _docker.Add("web:1", SavedTar.Legacy(SavedTar.Config(_base, _top), _base, _top), _base, _top);
        _docker.Add("web:2", SavedTar.Legacy(SavedTar.Config(_base, _changed), _base, _changed), _base, _changed);
    }

    private ImagePublisher Publisher() => new(_registry.Registry(), _docker, _registry.Client());

    private async Task<KlImage> PublishAsync(string image, string? tag = null, string? name = null)
    {
        using var publisher = Publisher();
        return await publisher.PublishImageAsync(image, new() { Tag = tag, Name = name }, _events, CancellationToken.None);
    }

    private string SavedBecause() =>
        _events.Seen.First(e => e.Kind == LabEventKind.Detail && e.Message.StartsWith("docker push is not used", StringComparison.Ordinal)).Message;

    private IEnumerable<string> ContentTags() => _registry.Manifests.Keys.Select(key => key.Split(':')[^1]).Where(tag => tag.Length == 12);

    private void AssertNothingRemains()
    {
        Assert.Empty(_docker.Names);
        Assert.NotEmpty(_docker.Folders);
        Assert.DoesNotContain(_docker.Folders, one => Directory.Exists(one.Folder));
    }
}
