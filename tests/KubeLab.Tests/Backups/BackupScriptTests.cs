using System.Text;
using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Backups;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Bootstrap;

namespace KubeLab.Tests.Backups;

/// <summary>backup.sh, volume.sh and the part of init.sh that restores etcd, in bash with fake commands.</summary>
public sealed class BackupScriptTests : IDisposable
{
    // etcd runs in the container e1. Its commands: health, and a snapshot that contains text.
    private const string Etcd = """
        ctr() {
          case $* in
            *"tasks ls -q") echo e1 ;;
            *"containers ls -q"*) printf '%s\n' e0 e1 ;;
            *"endpoint health") [[ -z ${HEALTH:-} ]] || { echo "$HEALTH" >&2; return 1; } ;;
            *"snapshot save"*) echo saved >"${*: -1}" ;;
            *) echo "ctr $*"; return 9 ;;
          esac
        }

        """;

    private readonly NodeBash _node = new();

    public BackupScriptTests()
    {
        foreach (var file in BackupContent.Authorities)
            _node.Put($"/etc/kubernetes/{file}", file);
        _node.Put("/var/lib/etcd/member/snap/db", "");
    }

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task The_archive_is_standard_output_and_no_snapshot_remains_on_the_machine()
    {
        using var output = new MemoryStream();
        var result = await RunAsync(Etcd, output);

        Assert.True(result.Code == 0, result.Error);
        var files = TestBackup.Files(output.ToArray());
        Assert.Equal([BackupContent.Snapshot, .. BackupContent.Authorities], files.Keys);
        Assert.Equal(("saved\n", "pki/sa.key"), (files["etcd.db"], files["pki/sa.key"]));
        Assert.Contains("::step Saving a snapshot of etcd\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(["member"], Directory.EnumerateFileSystemEntries(_node.At("/var/lib/etcd")).Select(path => Path.GetFileName(path)));
    }

    [Theory]
    [InlineData("HEALTH='x is unhealthy: failed to commit proposal'", "::error EtcdUnhealthy etcd is not healthy: x is unhealthy: failed to commit proposal\n")]
    [InlineData("ctr() { :; }", "::error EtcdUnhealthy etcd does not run on this control plane\n")]
    [InlineData("mktemp() { return 1; }", "")]
    public async Task A_failure_is_an_error_on_standard_error(string fakes, string error)
    {
        using var output = new MemoryStream();
        var result = await RunAsync($"{Etcd}\n{fakes}", output);
        Assert.NotEqual(0, result.Code);
        Assert.EndsWith(error, result.Error, StringComparison.Ordinal);
        Assert.Empty(output.ToArray());
    }

    [Fact]
    public async Task A_missing_key_is_an_error()
    {
        File.Delete(_node.At("/etc/kubernetes/pki/ca.key"));
        using var output = new MemoryStream();
        Assert.EndsWith("::error AuthorityKeyMissing it does not have /etc/kubernetes/pki/ca.key\n",
            (await RunAsync(Etcd, output)).Error.Replace(_node.At(""), "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_of_a_volume_replaces_nothing()
    {
        var archive = TestBackup.Tar(("./a", "new"u8.ToArray()));
        Assert.Equal("", await VolumeAsync(archive));
        Assert.Equal("new", _node.Read("/var/lib/kubelab/volumes/default/data/a"));

        var kept = (await VolumeAsync(TestBackup.Tar(("./b", "newer"u8.ToArray())))).Trim();

        Assert.Equal("new", await File.ReadAllTextAsync(Path.Combine(kept, "a")));
        Assert.Equal([_node.At("/var/lib/kubelab/volumes/default/data")],
            Directory.EnumerateFileSystemEntries(_node.At("/var/lib/kubelab/volumes/default")));
        Assert.Equal("newer", _node.Read("/var/lib/kubelab/volumes/default/data/b"));
    }

    [Theory]
    [InlineData("etcdutl")]
    [InlineData("etcdctl")]
    public async Task Etcd_is_restored_with_the_program_that_its_image_has(string program)
    {
        _node.Put("/restore/pki/ca.key", "restored");
        var (exit, output) = await RestoreAsync($$"""
            ctr() {
              [[ " $* " == *" {{program}} snapshot restore "* ]] || { echo 'exec: "x": executable file not found in $PATH' >&2; return 1; }
              echo "ctr $*" >&2
              mkdir -p "$RESTORE/etcd/member"
            }
            """);

        Assert.True(exit == 0, output);
        Assert.Equal("restored", _node.Read("/etc/kubernetes/pki/ca.key"));
        Assert.True(_node.Has("/var/lib/etcd/member"));
        Assert.EndsWith("::changed restored etcd\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_restored_is_an_error()
    {
        var (exit, output) = await RestoreAsync("ctr() { echo 'Error: expected sha256 [1], got [2]'; return 1; }");
        Assert.Equal(3, exit);
        Assert.EndsWith("::error RestoreFailed the snapshot of etcd could not be restored: Error: expected sha256 [1], got [2]\n", output,
            StringComparison.Ordinal);
        Assert.False(_node.Has("/var/lib/etcd"));
    }

    private async Task<(int Exit, string Output)> RestoreAsync(string fakes)
    {
        Directory.Delete(_node.At("/var/lib/etcd"), recursive: true);
        Directory.CreateDirectory(_node.At("/restore/pki"));
        _node.Put("/etc/kubelab/mirror.yaml", "imageRepository: mirror:5000\n");
        return await _node.RunAsync("init", $"kubeadm() {{ echo v1.20.2 mirror:5000/etcd:3.4.13-0; }}\n{fakes}\nrestore_etcd </dev/null",
            ("RESTORE", _node.At("/restore")), ("NAME", "k-1"), ("ADDRESS", "10.77.1.1"), ("CLUSTER", "k"));
    }

    private async Task<(int Code, string Error)> RunAsync(string fakes, Stream output)
    {
        var error = new StringBuilder();
        var result = await Cli.Wrap("bash").WithArguments(["-s"])
            .WithStandardInputPipe(PipeSource.FromString(_node.Text("backup", $"{fakes}\nmain </dev/null")))
            .WithStandardOutputPipe(PipeTarget.ToStream(output)).WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
            .WithValidation(CommandResultValidation.None).ExecuteAsync();
        return (result.ExitCode, $"{error}");
    }

    private async Task<string> VolumeAsync(byte[] archive) => (await Cli.Wrap("bash")
        .WithArguments(["-c", NodeScript.Read("volume.sh").Replace("/var/lib/", _node.At("/var/lib/"), StringComparison.Ordinal), "-", "default", "data"])
        .WithStandardInputPipe(PipeSource.FromBytes(archive)).ExecuteBufferedAsync()).StandardOutput;
}
