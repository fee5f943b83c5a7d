using System.Formats.Tar;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Workloads;
using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Workloads;

public sealed class PodFilesTests : IDisposable
{
    private const string Exec = "GET /api/v1/namespaces/default/pods/p/exec";
    private static readonly PodContainer At = new("default", "p", "c");
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_folder_comes_whole_and_joins_one_that_is_there()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 1, await TarAsync(("site/", null), ("site/a", "new"), ("site/b/", null), ("site/b/c", "c")));
            await FakeApi.SayAsync(socket, 3, """{"status":"Success"}"""u8.ToArray());
        }));
        Directory.CreateDirectory(Path.Combine(_folder, "site"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "site", "a"), "old");
        await File.WriteAllTextAsync(Path.Combine(_folder, "site", "kept"), "kept");
        using var api = fake.Open();
        Assert.Equal(Path.Combine(_folder, "site"), await PodFiles.ReceiveAsync(api, At, "/var/www/site/", _folder, default));
        Assert.Equal(["a=new", "b/c=c", "kept=kept"], Directory.GetFiles(Path.Combine(_folder, "site"), "*", SearchOption.AllDirectories)
            .Select(f => $"{Path.GetRelativePath(Path.Combine(_folder, "site"), f)}={File.ReadAllText(f)}").Order());
        Assert.Equal([Path.Combine(_folder, "site")], Directory.GetFileSystemEntries(_folder));
        Assert.EndsWith("&command=tar&command=-cf&command=-&command=-C&command=%2Fvar%2Fwww&command=--&command=site", fake.Seen.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("site", true, 2, "no space left")]
    [InlineData("../out", false, 0, "out")]
    public async Task What_fails_or_would_leave_its_folder_leaves_nothing(string name, bool isCut, int code, string said)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            var tar = await TarAsync((name, "half of it"));
            await FakeApi.SayAsync(socket, 1, isCut ? tar[..515] : tar);
            await FakeApi.SayAsync(socket, 2, "no space left"u8.ToArray());
            await FakeApi.SayAsync(socket, 3, System.Text.Encoding.UTF8.GetBytes(code == 0 ? """{"status":"Success"}"""
                : $$"""{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"{{code}}"}]} }"""));
        }));
        using var api = fake.Open();
        var error = await Assert.ThrowsAsync<KlException>(() => PodFiles.ReceiveAsync(api, At, "/site", Path.Combine(_folder, "new"), default));
        Assert.Equal("CopyFailed", error.ErrorId);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static async Task<byte[]> TarAsync(params (string Name, string? Text)[] entries)
    {
        using var stream = new MemoryStream();
        await using (var tar = new TarWriter(stream, TarEntryFormat.Gnu, leaveOpen: true))
            foreach (var (name, text) in entries)
                await tar.WriteEntryAsync(text is null ? new GnuTarEntry(TarEntryType.Directory, name)
                    : new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) });
        return stream.ToArray();
    }
}
