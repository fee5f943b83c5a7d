using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Backups;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Backups;

public sealed class BackupArchiveTests : IDisposable
{
    private readonly Folder _folder = new();

    private string Archive => Path.Combine(_folder.Path, "backup");

    private string Target => Path.Combine(_folder.Path, "target");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("p\u00e4ss 'word'")]
    public async Task A_backup_is_read_as_it_was_written(string? password)
    {
        var written = await TestBackup.WriteAsync(Archive, password);

        var read = await BackupArchive.ReadAsync(Archive, Target, password, default);

        Assert.Equal((written.Cluster, written.Endpoint, TestBackup.Volume), (read.Cluster, read.Endpoint, Assert.Single(read.Volumes)));
        Assert.Equal(written.Files, read.Files);
        Assert.Equal("pki/ca.key", await File.ReadAllTextAsync(Path.Combine(Target, "pki", "ca.key")));
        foreach (var path in new[] { Archive, Path.Combine(Target, "pki", "ca.key") })
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task OpenSSL_and_tar_open_an_encrypted_backup()
    {
        await TestBackup.WriteAsync(Archive, "secret");
        var list = await Cli.Wrap("bash").WithWorkingDirectory(_folder.Path).WithArguments(["-c",
            "set -o pipefail; openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass pass:secret -in backup | tar -tzf -"]).ExecuteBufferedAsync();
        Assert.Equal([BackupContent.FileName, .. BackupContent.Authorities, BackupContent.Snapshot, TestBackup.Volume.FileName, BackupContent.HashFileName],
            list.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("pki/ca.key", await File.ReadAllTextAsync(Archive), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "BackupPasswordMissing")]
    [InlineData("", "BackupPasswordWrong")]
    [InlineData("Secret", "BackupPasswordWrong")]
    public async Task An_encrypted_backup_needs_its_password(string? password, string error)
    {
        await TestBackup.WriteAsync(Archive, "secret");
        Assert.Equal(error, (await Assert.ThrowsAsync<KlException>(() => BackupArchive.ReadAsync(Archive, Target, password, default))).ErrorId);
    }

    [Theory]
    [InlineData(null, 97)]
    [InlineData("secret", 997)]
    public async Task Damage_is_detected(string? password, int step)
    {
        var written = await TestBackup.WriteAsync(Archive, password);
        var whole = await File.ReadAllBytesAsync(Archive);
        // After it, there is only the end of the archive.
        var last = whole.Length - 60;
        var (noticed, unnoticed) = (0, 0);
        for (var place = 0; place < last; place += step)
        {
            var damaged = whole.ToArray();
            damaged[place] ^= 1;
            await DamagedAsync(damaged);
        }
        foreach (var length in new[] { 0, 1, 7, 16, 17, 100, last })
            await DamagedAsync(whole[..length]);
        Assert.True(noticed > unnoticed, $"{noticed} of {noticed + unnoticed}");

        async Task DamagedAsync(byte[] content)
        {
            await File.WriteAllBytesAsync(Archive, content);
            var target = Directory.CreateDirectory(Path.Combine(_folder.Path, Path.GetRandomFileName())).FullName;
            try
            {
                // Some bytes of the formats have no meaning, such as the time of a file.
                Assert.Equivalent(written, await BackupArchive.ReadAsync(Archive, target, password, default), strict: true);
                foreach (var file in written.Files)
                    Assert.Equal(file, await BackupArchive.DescribeAsync(target, file.Name, default));
                unnoticed++;
            }
            catch (KlException error)
            {
                Assert.Contains(error.ErrorId, password is null ? ["BackupDamaged"] : new[] { "BackupDamaged", "BackupPasswordWrong" });
                noticed++;
            }
        }
    }

    public static TheoryData<string> Changes => [.. Changed.Keys];

    private static readonly Dictionary<string, Func<BackupContent, BackupContent>> Changed = new()
    {
        ["a newer format"] = content => content with { Format = 2 },
        ["a cluster that is a path"] = content => content with { Cluster = "../k" },
        ["a version with a line"] = content => content with { Version = "1.20.2\n" },
        ["an invalid subnet"] = content => content with { PodSubnet = "10.244.0.0" },
        ["a pod network with a line"] = content => content with { PodNetwork = "a\nb" },
        ["a namespace that is a path"] = content => content with { Volumes = [TestBackup.Volume with { Namespace = ".." }] },
        ["a claim that is a path"] = content => content with { Volumes = [TestBackup.Volume with { Claim = "a/b" }] },
        ["a volume without a file"] = content => content with { Volumes = [TestBackup.Volume, TestBackup.Volume with { Claim = "b" }] },
        ["a file without a volume"] = content => content with { Volumes = [] },
        ["no authority"] = content => content with { Files = content.Files[1..] },
        ["a wrong hash"] = content => content with { Files = [content.Files[0] with { Sha256 = content.Files[1].Sha256 }, .. content.Files[1..]] },
        ["a wrong size"] = content => content with { Files = [content.Files[0] with { Size = 1 }, .. content.Files[1..]] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_backup_whose_description_is_not_valid_is_rejected(string what)
    {
        await TestBackup.WriteAsync(Archive, null, Changed[what]);
        var error = await Assert.ThrowsAsync<KlException>(() => BackupArchive.ReadAsync(Archive, Target, null, default));
        Assert.Equal("BackupDamaged", error.ErrorId);
        Assert.Equal(["backup", .. Directory.Exists(Target) ? ["target"] : Array.Empty<string>()],
            Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public async Task A_missing_file_is_an_error() =>
        Assert.Equal("BackupUnreadable", (await Assert.ThrowsAsync<KlException>(() => BackupArchive.ReadAsync(Archive, Target, null, default))).ErrorId);
}
