using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

public sealed class RegistryClientTests
{
    private readonly byte[] _content = SavedTar.Layer("file", 500_000);

    private Blob Blob => new(Digests.Of(_content), _content.Length, null) { Bytes = _content };

    [Fact]
    public async Task An_upload_that_loses_its_connection_is_tried_again()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.Drops = 2;
        using var client = registry.Client();
        var sent = new List<long>();
        await client.UploadAsync("web", Blob, sent.Add, CancellationToken.None);
        Assert.Equal(_content, registry.Blobs[$"web@{Blob.Digest}"]);
        Assert.Equal(3, registry.Uploads);
        Assert.Equal(_content.Length, sent[^1]);
    }

    [Fact]
    public async Task An_upload_whose_answer_was_lost_is_not_sent_twice()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.LosesAnswers = 1;
        using var client = registry.Client();
        await client.UploadAsync("web", Blob, _ => { }, CancellationToken.None);
        Assert.Equal(1, registry.Uploads);
    }

    [Fact]
    public async Task An_upload_that_never_gets_through_gives_up_and_says_so()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.Drops = int.MaxValue;
        using var client = registry.Client();
        var error = await Assert.ThrowsAsync<KlException>(() => client.UploadAsync("web", Blob, _ => { }, CancellationToken.None));
        Assert.Equal("RegistryUnreachable", error.ErrorId);
        Assert.Equal(4, registry.Uploads);
    }

    [Fact]
    public async Task An_upload_without_progress_is_given_up()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        var gate = new TaskCompletionSource();
        registry.Gate = gate.Task;
        using var client = new RegistryClient(registry.Registry(), Dial.TcpAsync, TimeProvider.System, "http") { Pause = TimeSpan.Zero, Patience = TimeSpan.FromMilliseconds(100) };
        var error = await Assert.ThrowsAsync<KlException>(() => client.UploadAsync("web", Blob, _ => { }, CancellationToken.None));
        Assert.Equal("RegistryUnreachable", error.ErrorId);
        gate.SetResult();
    }

    [Fact]
    public async Task A_busy_registry_is_asked_again()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.Busy = 2;
        using var client = registry.Client();
        Assert.False(await client.HasBlobAsync("web", Blob.Digest, CancellationToken.None));
        Assert.Equal(3, registry.Requests.Count);
    }

    [Fact]
    public async Task A_wrong_password_is_denied_and_not_tried_again_nor_told()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        using var client = registry.Client("hunter2");
        var error = await Assert.ThrowsAsync<KlException>(() => client.PingAsync(CancellationToken.None));
        Assert.Equal(("RegistryDenied", KlErrorKind.Denied), (error.ErrorId, error.Kind));
        Assert.DoesNotContain("hunter2", error.ToString() + error.NextStep, StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task Why_the_machine_cannot_be_reached_is_what_the_error_says()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        using var client = new RegistryClient(registry.Registry(),
            (_, _, _) => throw new KlException("AuthenticationFailed", KlErrorKind.Denied, "lab-1", "no key"), TimeProvider.System);
        var error = await Assert.ThrowsAsync<KlException>(() => client.PingAsync(CancellationToken.None));
        Assert.Equal(("AuthenticationFailed", "lab-1"), (error.ErrorId, error.Target));
    }

    [Fact]
    public async Task A_mount_that_is_refused_leaves_no_upload_open()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.RefusesMounts = true;
        using var client = registry.Client();
        Assert.False(await client.MountAsync("web", Blob.Digest, "database", CancellationToken.None));
        Assert.Contains(registry.Requests, request => request.StartsWith("DELETE", StringComparison.Ordinal));
    }
}
