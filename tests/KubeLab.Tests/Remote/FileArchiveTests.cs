using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using KubeLab.Engine.Remote.Files;

namespace KubeLab.Tests.Remote;

/// <summary>Malicious or malformed archives from a container. None can change files outside the destination.</summary>
/// <remarks>An archive is described as text, one entry per line: its tar type (f: a file), its name, and its content or link target.</remarks>
public sealed class FileArchiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;
    private readonly List<string> _warnings = [];

    public FileArchiveTests()
    {
        Directory.CreateDirectory(In("outside/folder"));
        File.WriteAllText(In("outside/mine"), "mine");
        Directory.CreateDirectory(In("to"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    // Links that point outside, by their target or only on the file system.
    [InlineData("5 site|2 site/x .|2 site/x/x/x/y ../../../../outside", "x>.", 1)]
    [InlineData("5 site|2 site/x .|2 site/y x/x/x/../../../../outside", "x>.", 1)]
    [InlineData("5 site|2 site/a ../outside|f site/ok 1", "ok=1", 1)]
    [InlineData("5 site|2 site/a ..|2 site/b b/../..|2 site/c ./.././../x|f site/ok 1", "ok=1", 3)]
    [InlineData("5 site|5 site/b|2 site/b/up ../../outside|2 site/b/ok ../a|f site/a 1", "a=1 b/ b/ok>../a", 1)]
    [InlineData("5 site|2 site/abs /etc/passwd|f site/ok 1", "ok=1", 1)]
    [InlineData("5 site|2 site/l gone/..|f site/ok 1", "ok=1", 1)]
    [InlineData("5 site|5 site/d|2 site/x d|2 site/l x/..|f site/ok 1", "d/ ok=1 x>d", 1)]
    [InlineData("5 site|2 site/a b|2 site/b ../outside|f site/ok 1", "ok=1", 2)]
    [InlineData("5 site|2 site/a a|f site/ok 1", "ok=1", 1)]
    // Links that point inside.
    [InlineData("5 site|5 site/r|5 site/r/1|f site/r/1/f 1|2 site/now r/1|2 site/r/1/up ../../now/f|2 site/f r/../now/f",
        "f>r/../now/f now>r/1 r/ r/1/ r/1/f=1 r/1/up>../../now/f", 0)]
    [InlineData("5 site|2 site/gone no/such", "gone>no/such", 0)]
    // Names that point outside or were not requested.
    [InlineData("5 site|f site/../../evil 1|f ../evil 1|f /tmp/evil 1|f evil 1|f site/ok 1", "ok=1", 4)]
    [InlineData("5 ./site/|f ./site//./ok 1", "ok=1", 0)]
    [InlineData("f siteevil 1|f site/ok 1", "ok=1", 1)]
    // Paths through a link.
    [InlineData("5 site|5 site/d|2 site/x d|f site/x/evil 1|5 site/x/e|1 site/x/h site/ok|f site/ok 1", "d/ ok=1 x>d", 3)]
    [InlineData("5 site|2 site/x ../outside|f site/x/mine evil|f site/ok 1", "ok=1", 2)]
    // The last entry with a name wins.
    [InlineData("5 site|f site/a 1|f site/a 22", "a=22", 0)]
    [InlineData("5 site|f site/a 1|5 site/a|f site/a/b 2", "a/ a/b=2", 0)]
    [InlineData("5 site|f site/a 1|f site/a/b 2", "a/ a/b=2", 0)]
    [InlineData("5 site|5 site/a|f site/a/b 2|f site/a 1", "a=1", 0)]
    [InlineData("5 site|2 site/a ../outside|5 site/a|f site/a/mine 1", "a/ a/mine=1", 0)]
    [InlineData("5 site|2 site/a ../outside/mine|f site/a 1", "a=1", 0)]
    [InlineData("5 site|5 site/a|f site/a/b 2|2 site/a ok|f site/ok 1", "a>ok ok=1", 0)]
    [InlineData("2 site ../outside|5 site|f site/mine 1", "mine=1", 0)]
    // Hard links.
    [InlineData("5 site|f site/a 1|1 site/b site/a|1 site/c ./site/b", "a=1 b=1 c=1", 0)]
    [InlineData("5 site|f site/a 1|2 site/l a|1 site/b site/l", "a=1 b>a l>a", 0)]
    [InlineData("5 site|5 site/d|2 site/d/l ../a|1 site/b site/d/l|f site/a 1", "a=1 d/ d/l>../a", 1)]
    [InlineData("5 site|1 site/a /etc/passwd|1 site/b ../outside/mine|1 site/c site/later|1 site/d site|1 site/e site/e|f site/ok 1", "ok=1", 5)]
    [InlineData("5 site|2 site/l ../outside/mine|1 site/a site/l|f site/ok 1", "ok=1", 2)]
    [InlineData("5 site|5 site/a|f site/a/b 1|1 site/a site/a/b", "a=1", 0)]
    // Special files.
    [InlineData("5 site|3 site/null|4 site/disk|6 site/pipe|f site/ok 1", "ok=1", 3)]
    [InlineData("5 site|f site/a\\b 1|f site/C: 2|f site/CON 3|f site/a\uFFFD 4", "C:=2 CON=3 a\\b=1", 1)]
    public async Task Entries_that_point_outside_are_skipped_and_the_others_copied(string entries, string expected, int warnings)
    {
        await CopyAsync(entries);
        Assert.Equal(expected, Tree(In("to/site")));
        Assert.True(warnings == _warnings.Count, string.Join('\n', _warnings));
        AssertUntouched();
    }

    [Theory]
    // A second copy cannot exploit the result of the first.
    [InlineData("5 site|5 site/d|2 site/l d/..", "5 site|2 site/d .", "d/ l>d/..", false)]
    [InlineData("5 site|2 site/x .|2 site/l x", "5 site|f site/l/evil 1|f site/ok 1", "l>x ok=1 x>.", true)]
    [InlineData("5 site|5 site/d|2 site/x d", "5 site|5 site/x|f site/x/f 1", "d/ x>d", true)]
    [InlineData("5 site|f site/a 1|2 site/x a", "5 site|f site/x 2|2 site/a x", "a>x x=2", true)]
    [InlineData("5 site|5 site/r|2 site/now r|2 site/f now/f", "5 site|5 site/r|2 site/now r|2 site/f now/f", "f>now/f now>r r/", true)]
    // A file and a folder do not replace each other; nothing is copied.
    [InlineData("5 site|5 site/a|f site/a/b 1", "5 site|f site/0 2|f site/a 2", "a/ a/b=1", false)]
    [InlineData("5 site|5 site/a|f site/a/b 1", "5 site|2 site/a c|f site/c 2", "a/ a/b=1", false)]
    [InlineData("5 site|f site/a 1", "5 site|f site/0 2|f site/a/b 2", "a=1", false)]
    [InlineData("5 site|f site/a 1", "f site 2", "a=1", false)]
    [InlineData("f site 1", "5 site|f site/a 2", null, false)]
    public async Task A_second_copy_is_merged_and_does_not_follow_links_of_the_first(string first, string second, string? expected, bool fits)
    {
        await CopyAsync(first);
        var error = await Record.ExceptionAsync(() => CopyAsync(second));
        Assert.True(fits ? error is null : error is IOException, $"{error}");
        if (expected is not null)
            Assert.Equal(expected, Tree(In("to/site")));
        AssertUntouched();
    }

    [Theory]
    [InlineData("5 site|f site/up/mine evil|f site/ok 1", "file>../../outside/mine ok=1 up>../../outside", 1)]
    [InlineData("5 site|5 site/up|5 site/up/folder|f site/up/folder/evil 1|f site/ok 1", "file>../../outside/mine ok=1 up>../../outside", 1)]
    [InlineData("5 site|f site/file new", "file=new up>../../outside", 0)]
    [InlineData("5 site|2 site/file ok|f site/ok 1", "file>ok ok=1 up>../../outside", 0)]
    [InlineData("5 site|2 site/x up/mine|2 site/y up|2 site/z up/../ok|f site/ok 1", "file>../../outside/mine ok=1 up>../../outside", 3)]
    [InlineData("5 site|1 site/x site/file|f site/ok 1", "file>../../outside/mine ok=1 up>../../outside", 1)]
    public async Task Existing_links_are_not_followed(string entries, string expected, int warnings)
    {
        Directory.CreateDirectory(In("to/site"));
        File.CreateSymbolicLink(In("to/site/up"), "../../outside");
        File.CreateSymbolicLink(In("to/site/file"), "../../outside/mine");
        await CopyAsync(entries);
        Assert.Equal(expected, Tree(In("to/site")));
        Assert.True(warnings == _warnings.Count, string.Join('\n', _warnings));
        AssertUntouched();
    }

    [Theory]
    // The item itself is a link, locally or in the container.
    [InlineData("2 site ../outside")]
    [InlineData("2 site /")]
    [InlineData("2 site .")]
    [InlineData("6 site")]
    [InlineData("f other 1")]
    public async Task An_item_that_cannot_be_copied_is_an_error(string entries)
    {
        await Assert.ThrowsAsync<IOException>(() => CopyAsync(entries));
        Directory.CreateDirectory(In("to/site"));
        await Assert.ThrowsAsync<IOException>(() => CopyAsync(entries));
        Assert.Equal("", Tree(In("to/site")));
        AssertUntouched();
    }

    [Fact]
    public async Task A_folder_does_not_replace_a_link()
    {
        Directory.CreateSymbolicLink(In("to/site"), "../outside");
        Assert.Contains("is a link", (await Assert.ThrowsAsync<IOException>(() => CopyAsync("5 site|f site/mine evil"))).Message, StringComparison.Ordinal);
        AssertUntouched();
        await CopyAsync("f site 1");
        Assert.Equal("site=1", Tree(In("to")));
        AssertUntouched();
    }

    [Fact]
    public async Task Copied_items_are_accessible_and_have_no_special_permissions()
    {
        await CopyAsync("5 site|5:0 site/a|f:0 site/a/b 1|f:6755 site/suid 1|f:444 site/readonly 1|5:7777 site/sticky");
        if (OperatingSystem.IsWindows())
            return;
        foreach (var (path, mode) in new[] { ("a", 0x1C0), ("a/b", 0x100), ("suid", 0x1ED), ("readonly", 0x124), ("sticky", 0x1ED) })
            Assert.Equal(mode, (int)File.GetUnixFileMode(In("to/site/" + path)) & 0xFED);
    }

    [Fact]
    public async Task Many_skipped_entries_are_summarized()
    {
        await CopyAsync("5 site|" + string.Join('|', Enumerable.Range(0, 50).Select(i => $"6 site/{i}")));
        Assert.Equal(21, _warnings.Count);
        Assert.StartsWith("30 more", _warnings[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_invalid_archive_is_an_error_and_leaves_no_files(int seed)
    {
        var bytes = seed == 0 ? Encoding.ASCII.GetBytes(new string('x', 2000)) : await ArchiveAsync("5 site|f site/a 1|2 site/l a");
        for (var i = 0; seed > 0 && i < 40; i++)
            bytes[seed * 7919 * (i + 1) % 1024] = (byte)(seed * 31 * i);
        Assert.True(await Record.ExceptionAsync(() => CopyAsync(bytes)) is null or IOException or InvalidDataException);
        AssertUntouched();
    }

    // Written by GNU tar.
    [Theory]
    [InlineData("--format=gnu")]
    [InlineData("--format=pax")]
    [InlineData("--format=oldgnu")]
    [InlineData("--format=ustar", false)]
    [InlineData("--format=v7", false)]
    public async Task Archives_of_GNU_tar_are_copied_unchanged(string format, bool hasLongNames = true)
    {
        await RunAsync("sh", "-ec", """
            mkdir -p site/dir/empty; cd site
            printf 1 >one; ln one dir/two; ln -s dir/two link; ln -s ../one dir/up; chmod 640 one
            printf 2 >'a b\c-ü'; : >empty
            head -c 100000 /dev/urandom >big
            """ + (hasLongNames ? """

            long=$(printf '%0200d' 0); mkdir -p $long/$long; printf 3 >$long/$long/$long; ln -s $long/$long/$long longlink
            """ : ""));
        await RunAsync("tar", "-c", format, "-f", "site.tar", "site");
        await CopyAsync(await File.ReadAllBytesAsync(In("site.tar")));
        Assert.Empty(_warnings);
        Assert.Equal(Tree(In("site")), Tree(In("to/site")));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(File.GetUnixFileMode(In("site/one")), File.GetUnixFileMode(In("to/site/one")));
        Assert.Equal(File.GetLastWriteTimeUtc(In("site/big")), File.GetLastWriteTimeUtc(In("to/site/big")), TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("--sparse-version=0.1")]
    [InlineData("--sparse-version=1.0")]
    public async Task An_unsupported_sparse_file_is_skipped(string version)
    {
        await RunAsync("sh", "-ec", "mkdir site; printf 1 >site/ok; truncate -s 1M site/sparse; printf x >>site/sparse");
        await RunAsync("tar", "-c", "--format=pax", "-S", version, "-f", "site.tar", "site");
        await CopyAsync(await File.ReadAllBytesAsync(In("site.tar")));
        Assert.Equal("ok=1", Tree(In("to/site")));
        Assert.Contains("sparse", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    private string In(string path) => Path.Combine(_folder, path);

    private void AssertUntouched()
    {
        Assert.Equal("folder/ mine=mine", Tree(In("outside")));
        Assert.Equal(["outside", "to"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).Order());
        Assert.True(Directory.GetFileSystemEntries(In("to")).All(path => Path.GetFileName(path) == "site"), Tree(In("to")));
    }

    private async Task CopyAsync(string entries) => await CopyAsync(await ArchiveAsync(entries));

    private async Task CopyAsync(byte[] tar)
    {
        var work = Directory.CreateTempSubdirectory("kubelab-test-").FullName;
        try
        {
            var archive = new FileArchive(work, "site", In("to/site"), _warnings.Add);
            using var stream = new MemoryStream(tar);
            await archive.UnpackAsync(stream, default);
            archive.Place();
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<byte[]> ArchiveAsync(string entries)
    {
        using var stream = new MemoryStream();
        await using (var tar = new TarWriter(stream, TarEntryFormat.Gnu, leaveOpen: true))
            foreach (var line in entries.Split('|'))
            {
                var (type, mode) = line.Split(' ')[0].Split(':') is [var t, .. var m] ? (t, m) : ("", []);
                var (name, rest) = line.Split(' ', 3) is [_, var n, .. var r] ? (n, r) : ("", []);
                var entry = new GnuTarEntry(type == "f" ? TarEntryType.RegularFile : (TarEntryType)type[0], name);
                if (mode is [var octal])
                    entry.Mode = (UnixFileMode)Convert.ToInt32(octal, 8);
                if (type == "f")
                    entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(rest[0]));
                else if (rest is [var link])
                    entry.LinkName = link;
                await tar.WriteEntryAsync(entry);
            }
        return stream.ToArray();
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardError = true })!;
        var errorOutput = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errorOutput);
    }

    /// <summary>Lists the contents of a folder: folder/, file=content, link>target. Links are not followed.</summary>
    internal static string Tree(string folder)
    {
        return string.Join(' ', Entries("").Order(StringComparer.Ordinal));

        IEnumerable<string> Entries(string below) => Directory.EnumerateFileSystemEntries(Path.Combine(folder, below)).SelectMany(path =>
        {
            var name = Path.GetRelativePath(folder, path);
            return new FileInfo(path).LinkTarget is { } link ? [$"{name}>{link}"] : Directory.Exists(path) ? [name + "/", .. Entries(name)]
                : (IEnumerable<string>)[$"{name}={File.ReadAllText(path)}"];
        });
    }
}
