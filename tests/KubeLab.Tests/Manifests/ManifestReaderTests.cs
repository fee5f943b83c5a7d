using KubeLab.Engine.Flow.Web;
using KubeLab.Engine.Manifests;
using KubeLab.Tests.Images;
using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Manifests;

public sealed class ManifestReaderTests : IDisposable
{
    private readonly WebText _web = new(WebText.Client(), TimeProvider.System);

    private ManifestReader Reader => new(_web);

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task An_endless_file_is_an_error()
    {
        var error = await Assert.ThrowsAsync<KlException>(() => Reader.ReadAsync("/dev/zero", recurse: false, default));
        Assert.Equal(("ManifestUnreadable", "/dev/zero cannot be read: it is longer than 32 MiB."), (error.ErrorId, error.Message));
    }

    [Fact]
    public async Task An_endless_url_is_an_error_that_shows_no_password()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /endless", async context =>
        {
            var part = new byte[1 << 20];
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(part, context.RequestAborted);
        });
        var error = await Assert.ThrowsAsync<KlException>(() =>
            Reader.ReadAsync($"{fake.Url.Replace("//", "//me:hidden@", StringComparison.Ordinal)}/endless?token=hidden", recurse: false, default));
        Assert.Equal($"{fake.Url}/endless cannot be read: it is longer than 32 MiB.", error.Message);
        Assert.DoesNotContain("hidden", error.Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_in_a_url_is_sent_to_the_server()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /m", context => FakeApi.Json($"# {context.Request.Headers.Authorization}")(context));
        var source = Assert.Single(await Reader.ReadAsync($"{fake.Url.Replace("//", "//me:p%40ss@", StringComparison.Ordinal)}/m",
            recurse: false, default));
        Assert.Equal(($"{fake.Url}/m", "# Basic bWU6cEBzcw=="), (source.Name, source.Text));
    }

    [Fact]
    public async Task A_folder_with_a_link_to_itself_is_read_once()
    {
        using var folder = new TemporaryFolder();
        var inner = Directory.CreateDirectory(Path.Combine(folder.Path, "inner"));
        await File.WriteAllTextAsync(Path.Combine(inner.FullName, "a.yaml"), "a");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "b.yml"), Path.Combine(inner.FullName, "a.yaml"));
        Directory.CreateSymbolicLink(Path.Combine(inner.FullName, "round"), folder.Path);
        Assert.Equal(["b.yml", "inner/a.yaml"], (await Reader.ReadAsync(folder.Path, recurse: true, default))
            .Select(one => Path.GetRelativePath(folder.Path, one.Name)));
    }

    [Fact]
    public async Task Reading_a_pipe_without_a_writer_can_be_cancelled()
    {
        using var folder = new TemporaryFolder();
        var pipe = Path.Combine(folder.Path, "pipe");
        await System.Diagnostics.Process.Start("mkfifo", pipe).WaitForExitAsync();
        await using var writer = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using var stop = new CancellationTokenSource();
        var read = Reader.ReadAsync(pipe, recurse: false, stop.Token);
        await writer.WriteAsync("begun"u8.ToArray());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }
}
