using KubeLab.Engine.Images;
using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Images;

public sealed class RegistryClientTests
{
    private readonly byte[] _content = SavedTar.Layer("file", 500_000);

    private Blob Blob => new(Digests.Of(_content), _content.Length, null) { Bytes = _content };

    [Fact]
    public async Task An_upload_that_loses_its_connection_is_retried()
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
    public async Task An_upload_whose_response_was_lost_is_not_sent_twice()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.LosesResponses = 1;
        using var client = registry.Client();
        await client.UploadAsync("web", Blob, _ => { }, CancellationToken.None);
        Assert.Equal(1, registry.Uploads);
    }

    [Fact]
    public async Task An_upload_that_always_fails_is_an_error()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.Drops = int.MaxValue;
        using var client = registry.Client();
        var error = await Assert.ThrowsAsync<KlException>(() => client.UploadAsync("web", Blob, _ => { }, CancellationToken.None));
        Assert.Equal("RegistryUnreachable", error.ErrorId);
        Assert.Equal(4, registry.Uploads);
    }

    [Fact]
    public async Task An_upload_without_progress_times_out()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        var gate = new TaskCompletionSource();
        registry.Gate = gate.Task;
        var clock = new FakeTimeProvider();
        using var client = new RegistryClient(registry.Registry(), Dial.TcpAsync, clock, "http") { Pause = TimeSpan.Zero };
        registry.Arrived = () => clock.Advance(client.IdleTimeout);
        var error = await Assert.ThrowsAsync<KlException>(() => client.UploadAsync("web", Blob, _ => { }, CancellationToken.None));
        Assert.Equal("RegistryUnreachable", error.ErrorId);
        Assert.Contains("no progress for 60 s", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, registry.Uploads);
        gate.SetResult();
    }

    [Fact]
    public async Task A_request_to_a_busy_registry_is_retried()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.Busy = 2;
        using var client = registry.Client();
        Assert.False(await client.HasBlobAsync("web", Blob.Digest, CancellationToken.None));
        Assert.Equal(3, registry.Requests.Count);
    }

    [Fact]
    public async Task An_endless_response_is_an_error_that_is_not_retried()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.IsEndless = true;
        using var client = registry.Client();
        var error = await Assert.ThrowsAsync<KlException>(() => client.FindManifestAsync("web", "1", CancellationToken.None));
        Assert.Equal("RegistryFailed", error.ErrorId);
        Assert.Contains("GET /v2/web/manifests/1 is longer than 16 MiB", error.Message, StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task A_wrong_password_is_not_retried_and_not_shown()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        using var client = registry.Client("hunter2");
        var error = await Assert.ThrowsAsync<KlException>(() => client.PingAsync(CancellationToken.None));
        Assert.Equal(("RegistryDenied", KlErrorKind.Denied), (error.ErrorId, error.Kind));
        Assert.DoesNotContain("hunter2", error.ToString() + error.NextStep, StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Theory]
    // Another port or another host, with and without a scheme.
    [InlineData("http://127.0.0.1:{other}")]
    [InlineData("//127.0.0.1:{other}")]
    [InlineData("http://kubelab:right@127.0.0.1:{other}")]
    [InlineData("http://localhost:{same}")]
    public async Task An_upload_to_another_address_is_sent_without_the_password(string address)
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        await using var other = await LoopbackRegistry.StartAsync();
        (registry.IsOpen, other.IsOpen) = (true, true);
        registry.UploadAddress = WithPorts(address, registry, other);
        using var client = registry.Client();
        await client.UploadAsync("web", Blob, _ => { }, CancellationToken.None);
        var target = address.Contains("{other}", StringComparison.Ordinal) ? other : registry;
        Assert.True(target.Blobs.ContainsKey($"web@{Blob.Digest}"));
        Assert.Null(target.Passwords.Last());
        Assert.Equal(target == registry ? 1 : registry.Passwords.Count, registry.Passwords.Count(password => password is not null));
    }

    [Theory]
    [InlineData("http://127.0.0.1:{same}")]
    [InlineData("HTTP://127.0.0.1:{same}")]
    [InlineData("//127.0.0.1:{same}")]
    [InlineData(null)]
    public async Task An_upload_to_the_registry_itself_is_sent_with_the_password(string? address)
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.UploadAddress = address is null ? null : WithPorts(address, registry, registry);
        using var client = registry.Client();
        await client.UploadAsync("web", Blob, _ => { }, CancellationToken.None);
        Assert.True(registry.Blobs.ContainsKey($"web@{Blob.Digest}"));
    }

    [Theory]
    [InlineData("https://127.0.0.1:{other}")]
    [InlineData("ftp://127.0.0.1:{other}")]
    public async Task An_upload_to_another_scheme_is_rejected_at_once(string address)
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        await using var other = await LoopbackRegistry.StartAsync();
        registry.UploadAddress = WithPorts(address, registry, other);
        using var client = registry.Client();
        var error = await Assert.ThrowsAsync<KlException>(() => client.UploadAsync("web", Blob, _ => { }, CancellationToken.None));
        Assert.Equal(("RegistryUntrusted", KlErrorKind.Denied), (error.ErrorId, error.Kind));
        Assert.Single(registry.Requests);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData(307, "Location", "http://127.0.0.1:{other}/v2/")]
    [InlineData(302, "Location", "//127.0.0.1:{other}/")]
    [InlineData(401, "WWW-Authenticate", "Bearer realm=\"http://127.0.0.1:{other}/token\",service=\"x\"")]
    [InlineData(200, "Link", "<http://127.0.0.1:{other}/v2/_catalog?n=100>; rel=\"next\"")]
    public async Task No_response_redirects_to_another_server(int status, string header, string value)
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        await using var other = await LoopbackRegistry.StartAsync();
        registry.FixedResponse = (status, header, WithPorts(value, registry, other));
        using var client = registry.Client();
        await Record.ExceptionAsync(() => client.PingAsync(CancellationToken.None));
        await Record.ExceptionAsync(() => client.RepositoriesAsync(CancellationToken.None));
        await Record.ExceptionAsync(() => client.FindManifestAsync("web", "latest", CancellationToken.None));
        await Record.ExceptionAsync(() => client.PutManifestAsync("web", "latest", "{}"u8.ToArray(), CancellationToken.None));
        Assert.NotEmpty(registry.Requests);
        Assert.Empty(other.Requests);
    }

    private static string WithPorts(string address, LoopbackRegistry same, LoopbackRegistry other) => address
        .Replace("{same}", same.Registry().Address.Split(':')[1], StringComparison.Ordinal)
        .Replace("{other}", other.Registry().Address.Split(':')[1], StringComparison.Ordinal);

    [Fact]
    public async Task The_error_of_the_machine_connection_is_reported()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        using var client = new RegistryClient(registry.Registry(),
            (_, _, _) => throw new KlException("AuthenticationFailed", KlErrorKind.Denied, "lab-1", "no key"), TimeProvider.System);
        var error = await Assert.ThrowsAsync<KlException>(() => client.PingAsync(CancellationToken.None));
        Assert.Equal(("AuthenticationFailed", "lab-1"), (error.ErrorId, error.Target));
    }

    [Fact]
    public async Task A_rejected_mount_leaves_no_open_upload()
    {
        await using var registry = await LoopbackRegistry.StartAsync();
        registry.RejectsMounts = true;
        using var client = registry.Client();
        Assert.False(await client.MountAsync("web", Blob.Digest, "database", CancellationToken.None));
        Assert.Contains(registry.Requests, request => request.StartsWith("DELETE", StringComparison.Ordinal));
    }
}
