using System.Diagnostics;
using System.Formats.Tar;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Remote.Files;
using KubeLab.Tests.Images;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Remote;

namespace KubeLab.Tests.Pods;

public sealed class PodFilesTests : IDisposable
{
    private const string Exec = "GET /api/v1/namespaces/default/pods/p/exec";
    private static readonly PodContainer At = new("default", "p", "c");
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_folder_is_copied_and_merged_with_an_existing_one()
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
        Assert.Equal(Path.Combine(_folder, "site"), await PodFiles.ReceiveAsync(api, At, "/var/www/site/", _folder, new Events(), default));
        Assert.Equal(["a=new", "b/c=c", "kept=kept"], Directory.GetFiles(Path.Combine(_folder, "site"), "*", SearchOption.AllDirectories)
            .Select(f => $"{Path.GetRelativePath(Path.Combine(_folder, "site"), f)}={File.ReadAllText(f)}").Order());
        Assert.Equal([Path.Combine(_folder, "site")], Directory.GetFileSystemEntries(_folder));
        Assert.EndsWith("&command=tar&command=-cf&command=-&command=-C&command=%2Fvar%2Fwww&command=--&command=site", fake.Seen.Single(),
            StringComparison.Ordinal);
    }

    [Theory]
    // A destination that is itself a link is followed. Other links are not.
    [InlineData("here", "there/site/a=1 there/site/b/c=2", false)]
    [InlineData("here/", "there/site/a=1 there/site/b/c=2", false)]
    [InlineData("new", "new/a=1 new/b/c=2", false)]
    [InlineData("new/er/", "new/er/a=1 new/er/b/c=2", false)]
    [InlineData("there", "there/site/a=1 there/site/b/c=2", false)]
    [InlineData("file", "", true)]
    [InlineData("linked", "", true)]
    public async Task Destinations_have_the_meaning_of_cp(string destination, string expected, bool fails)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 1, await TarAsync(("site/", null), ("site/a", "1"), ("site/b/c", "2")));
            await FakeApi.SayAsync(socket, 3, """{"status":"Success"}"""u8.ToArray());
        }));
        Directory.CreateDirectory(In("there"));
        Directory.CreateDirectory(In("elsewhere"));
        Directory.CreateSymbolicLink(In("here"), "there");
        Directory.CreateDirectory(In("linked"));
        Directory.CreateSymbolicLink(In("linked/site"), "../elsewhere");
        await File.WriteAllTextAsync(In("file"), "mine");
        using var api = fake.Open();
        var error = await Record.ExceptionAsync(() => PodFiles.ReceiveAsync(api, At, "/site", In(destination), new Events(), default));
        Assert.True(fails ? error is KlException { ErrorId: "CopyFailed" } : error is null, $"{error}");
        Assert.Equal($"{expected} file=mine".Trim().Split(' ').Order(),
            Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Where(file => !file.StartsWith(In("here"), StringComparison.Ordinal))
            .Select(file => $"{Path.GetRelativePath(_folder, file)}={File.ReadAllText(file)}").Order());
        Assert.Empty(Directory.GetFileSystemEntries(_folder, ".kubelab-*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("/", "%2F", ".")]
    [InlineData(".", ".", ".")]
    [InlineData("..", "..", ".")]
    [InlineData("/var/www/.", "%2Fvar%2Fwww%2F.", ".")]
    [InlineData("/var/www//", "%2Fvar", "www")]
    [InlineData("site", ".", "site")]
    [InlineData("/site", "%2F", "site")]
    public async Task Paths_in_the_container_have_the_meaning_of_cp(string path, string folder, string name)
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 1, await TarAsync(($"{name}/", null), ($"{name}/a", "1")));
            await FakeApi.SayAsync(socket, 3, """{"status":"Success"}"""u8.ToArray());
        }));
        using var api = fake.Open();
        await PodFiles.ReceiveAsync(api, At, path, _folder, new Events(), default);
        Assert.Equal("1", await File.ReadAllTextAsync(In(name == "." ? "a" : $"{name}/a")));
        Assert.EndsWith($"&command=-C&command={folder}&command=--&command={name}", fake.Seen.Single(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder, ".kubelab-*"));
    }

    [Fact]
    public async Task A_link_as_the_destination_is_followed()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 1, await TarAsync(("f", "new")));
            await FakeApi.SayAsync(socket, 3, """{"status":"Success"}"""u8.ToArray());
        }));
        Directory.CreateDirectory(In("there"));
        await File.WriteAllTextAsync(In("there/mine"), "old");
        File.CreateSymbolicLink(In("link"), "there/mine");
        using var api = fake.Open();
        Assert.Equal(In("there/mine"), await PodFiles.ReceiveAsync(api, At, "/f", In("link"), new Events(), default));
        Assert.Equal("link>there/mine there/ there/mine=new", FileArchiveTests.Tree(_folder));
    }

    [Fact]
    public async Task An_endless_archive_can_be_canceled_and_leaves_no_files()
    {
        await using var fake = await FakeApi.StartAsync();
        var header = (await TarAsync(("site", "x")))[..512];
        // The archive announces 8 GiB.
        "077777777777"u8.CopyTo(header.AsSpan(124));
        var sum = header.Select((one, i) => i is >= 148 and < 156 ? 32 : one).Sum();
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
        using var stop = new CancellationTokenSource();
        var pieces = 0;
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 1, header);
            for (; pieces < 10_000; pieces++)
            {
                await FakeApi.SayAsync(socket, 1, new byte[30_000]);
                if (pieces == 100)
                    await stop.CancelAsync();
            }
        }), FakeApi.Socket("v4.channel.k8s.io", socket => FakeApi.SayAsync(socket, 3, """{"status":"Success"}"""u8.ToArray())));
        using var api = fake.Open();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PodFiles.ReceiveAsync(api, At, "/site", In("new/site"), new Events(), stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        // tar in the container is stopped too.
        Assert.Contains("command=sh&command=-c&", fake.Seen.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_for_a_pod_are_packed_without_following_links()
    {
        await RunAsync("sh", "-ec", """
            mkdir -p site/dir outside; printf 1 >site/a; printf secret >outside/b; : >site/empty
            ln -s ../outside site/out; ln -s ../../a site/dir/up; ln -s . site/dir/loop; ln -s /etc/passwd site/abs; ln -s gone site/gone
            mkfifo site/fifo; ln -s fifo site/tofifo
            perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "site/socket", Listen => 1) or die $!'
            """);
        var skipped = new List<string>();
        using var archive = new MemoryStream();
        await FileCopy.PackAsync(archive, In("site"), "end", skipped.Add, default);
        Assert.Equal(["'site/fifo' was", "'site/socket' was"], skipped.Select(one => one[..one.IndexOf(" skipped", StringComparison.Ordinal)]).Order());
        await File.WriteAllBytesAsync(In("site.tar"), archive.ToArray());
        await RunAsync("sh", "-ec", "mkdir unpacked; tar -xf site.tar -C unpacked; rm site/fifo site/socket");
        Assert.Equal(FileArchiveTests.Tree(In("site")), FileArchiveTests.Tree(In("unpacked/site")));

        archive.SetLength(0);
        await FileCopy.PackAsync(archive, In("site/out"), "end", skipped.Add, default);
        archive.Position = 0;
        await using var tar = new TarReader(archive);
        Assert.Equal("../outside", (await tar.GetNextEntryAsync())!.LinkName);
        Assert.Equal("end", (await tar.GetNextEntryAsync())!.Name);
        Assert.Null(await tar.GetNextEntryAsync());
    }

    // A lost connection looks like the end of the archive.
    [Fact]
    public async Task An_archive_without_its_last_entry_is_not_placed()
    {
        Directory.CreateDirectory(In("to"));
        await File.WriteAllBytesAsync(In("site.tar"), await TarAsync(("site/", null), ("site/a", "1")));
        Assert.Equal("the content is incomplete\n",
            await TryAsync("sh", "-c", "exec sh -c \"$@\" <site.tar", "sh", FileCopy.UnpackScript, "sh", "to", "site", "end"));
        Assert.Empty(Directory.GetFileSystemEntries(In("to")));
    }

    // Runs the script for the container locally.
    [Theory]
    [InlineData("to", "a=1 d/ d/b=2", null)]
    [InlineData("to/", "a=1 d/ d/b=2", null)]
    [InlineData("to", "a=1 d/ d/b=2 d/old=o kept=k", null, "mkdir -p to/site/d; printf k >to/site/kept; printf 0 >to/site/a; printf o >to/site/d/old")]
    [InlineData("to/other", "a=1 d/ d/b=2", null, "", "to/other")]
    [InlineData("to/-x", "a=1 d/ d/b=2", null, "", "to/-x")]
    [InlineData("no/such", null, "was not found")]
    // Links are not followed, and a failure moves nothing.
    [InlineData("to", null, "is a link", "mkdir elsewhere; ln -s ../elsewhere to/site")]
    [InlineData("to", null, "is a link", "mkdir -p elsewhere to/site; ln -s ../../elsewhere to/site/d")]
    [InlineData("to", "a=1 d/ d/b=2", null, "mkdir -p elsewhere to/site; ln -s ../../elsewhere to/site/a")]
    [InlineData("to", "a=1 d/ d/b=2", null, "mkdir -p elsewhere to/site/d; ln -s ../../../elsewhere to/site/d/b")]
    [InlineData("to", null, "is a folder", "mkdir -p to/site/a")]
    [InlineData("to", null, "is a file", "mkdir -p to/site; printf x >to/site/d")]
    [InlineData("to", null, "", "printf x >to/site")]
    public async Task A_folder_is_copied_to_a_container_completely_or_not_at_all(string destination, string? expected, string? message, string before = "",
        string place = "to/site")
    {
        await RunAsync("sh", "-ec", $"mkdir -p site/d to; printf 1 >site/a; printf 2 >site/d/b\n{before}");
        using var archive = new MemoryStream();
        await FileCopy.PackAsync(archive, In("site"), "end", Assert.Fail, default);
        await File.WriteAllBytesAsync(In("site.tar"), archive.ToArray());
        var was = FileArchiveTests.Tree(_folder);
        var error = await TryAsync("sh", "-c", "exec sh -c \"$@\" <site.tar", "sh", FileCopy.UnpackScript, "sh", destination, "site", "end");
        Assert.True(message is null ? error is null : error?.Contains(message, StringComparison.Ordinal) == true, error);
        if (expected is null)
            Assert.Equal(was, FileArchiveTests.Tree(_folder));
        else
            Assert.Equal(expected, FileArchiveTests.Tree(In(place)));
        Assert.True(!Directory.Exists(In("elsewhere")) || Directory.GetFileSystemEntries(In("elsewhere")).Length == 0);
    }

    [Fact]
    public async Task A_link_copied_to_a_container_does_not_redirect_later_copies()
    {
        await RunAsync("sh", "-ec", "mkdir -p elsewhere to/link; printf mine >elsewhere/f; ln -s ../elsewhere link");
        using var archive = new MemoryStream();
        await FileCopy.PackAsync(archive, In("link"), "end", Assert.Fail, default);
        await File.WriteAllBytesAsync(In("link.tar"), archive.ToArray());
        Assert.Contains("is a folder", await TryAsync("sh", "-c", "exec sh -c \"$@\" <link.tar", "sh", FileCopy.UnpackScript, "sh", "to", "link", "end"),
            StringComparison.Ordinal);
        Assert.Equal("f=mine", FileArchiveTests.Tree(In("elsewhere")));
    }

    private string In(string path) => Path.Combine(_folder, path);

    private async Task RunAsync(string program, params string[] arguments) => Assert.Null(await TryAsync(program, arguments));

    /// <summary>Null, or the error output of a failed program.</summary>
    private async Task<string?> TryAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardError = true })!;
        var message = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : message;
    }

    [Theory]
    [InlineData("site", true, 2, "no space left")]
    [InlineData("../out", false, 0, "nothing that can be copied")]
    public async Task A_failed_copy_leaves_no_files(string name, bool isCut, int code, string message)
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
        var error = await Assert.ThrowsAsync<KlException>(() => PodFiles.ReceiveAsync(api, At, "/site", Path.Combine(_folder, "new"), new Events(), default));
        Assert.Equal("CopyFailed", error.ErrorId);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_local_error_is_described()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On(Exec, FakeApi.Socket("v4.channel.k8s.io", async socket =>
        {
            await FakeApi.SayAsync(socket, 1, await TarAsync(("site", "content")));
            await FakeApi.SayAsync(socket, 3, """{"status":"Success"}"""u8.ToArray());
        }));
        using var api = fake.Open();
        var error = await Assert.ThrowsAsync<KlException>(() => PodFiles.ReceiveAsync(api, At, "/site", In(new('n', 300)), new Events(), default));
        Assert.EndsWith(": the name is too long.", error.Message, StringComparison.Ordinal);
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
