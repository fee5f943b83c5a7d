using System.Security.Cryptography;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Images;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Remote;

/// <summary>Files are copied to and from an OpenSSH server, which shares the file system of the tests.</summary>
[Collection(nameof(Sshd))]
public sealed class MachineFilesTests(Sshd sshd) : IDisposable
{
    private readonly SshHostPool _pool = new(TimeProvider.System);
    private readonly Folder _folder = new();

    public void Dispose()
    {
        _pool.DisposeAsync().AsTask().Wait();
        _folder.Dispose();
    }

    [SshdTheory]
    [InlineData("root")]
    [InlineData(Sshd.Sudoer)]
    public async Task A_folder_is_copied_to_a_machine_and_back(string user)
    {
        Directory.CreateDirectory(In("site/empty"));
        Directory.CreateDirectory(In("there"));
        var bytes = RandomNumberGenerator.GetBytes(3_000_001);
        await File.WriteAllBytesAsync(In("site/bytes"), bytes);
        await File.WriteAllTextAsync(In("site/a name with 'quotes'\nand lines"), "text");
        File.CreateSymbolicLink(In("site/link"), "bytes");
        var (files, machine) = (new MachineFiles(_pool), Machine(sshd.Endpoint with { User = user }));

        await files.SendAsync(machine, In("site"), In("there"), new Events(), default);
        await files.SendAsync(machine, In("site/bytes"), In("there/single"), new Events(), default);

        Assert.Equal(bytes, await File.ReadAllBytesAsync(In("there/site/bytes")));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(In("there/single")));
        Assert.Equal(["single", "site"], Directory.GetFileSystemEntries(In("there")).Select(Path.GetFileName).Order());
        Assert.Equal(In("back"), await files.ReceiveAsync(machine, In("there/site"), In("back"), new Events(), default));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(In("back/bytes")));
        Assert.Equal("text", await File.ReadAllTextAsync(In("back/a name with 'quotes'\nand lines")));
        Assert.Equal("bytes", new FileInfo(In("back/link")).LinkTarget);
        Assert.True(Directory.Exists(In("back/empty")));
    }

    [SshdFact]
    public async Task A_failed_copy_leaves_no_files_and_tells_the_cause()
    {
        await File.WriteAllTextAsync(In("file"), "text");
        Directory.CreateDirectory(In("there/file"));
        var files = new MachineFiles(_pool);

        foreach (var (copy, message) in new (Func<Task>, string)[]
        {
            (() => files.SendAsync(Machine(sshd.Endpoint), In("file"), In("no/such/folder"), new Events(), default), "was not found"),
            (() => files.SendAsync(Machine(sshd.Endpoint), In("file"), In("there"), new Events(), default), "is a folder at the destination"),
            (() => files.ReceiveAsync(Machine(sshd.Endpoint), In("missing"), In("new"), new Events(), default), "No such file or directory"),
        })
        {
            var error = await Assert.ThrowsAsync<KlException>(copy);
            Assert.Equal(("CopyFailed", "lab-1"), (error.ErrorId, error.Target));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(["file", "there", "there/file"], Entries());
    }

    [SshdFact]
    public async Task A_canceled_copy_leaves_no_files()
    {
        await using (var large = File.Create(In("large")))
            large.SetLength(64L << 30);
        Directory.CreateDirectory(In("there"));
        using var stop = new CancellationTokenSource();
        var copy = new MachineFiles(_pool).SendAsync(Machine(sshd.Endpoint), In("large"), In("there"), new Events(), stop.Token);
        while (!copy.IsCompleted && Directory.GetDirectories(In("there")).Length == 0)
            await Task.Delay(20);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copy);
        Assert.Equal(["large", "there"], Entries());
    }

    [Fact]
    public async Task A_machine_that_sends_an_invalid_archive_without_end_is_stopped()
    {
        var error = await Assert.ThrowsAsync<KlException>(
            () => new MachineFiles(new EndlessHosts()).ReceiveAsync(Machine(new("x", 22, "root")), "/site", In("new"), new Events(), default));
        Assert.Equal("CopyFailed", error.ErrorId);
        Assert.Contains("the archive cannot be read", error.Message, StringComparison.Ordinal);
        Assert.Empty(Entries());
    }

    private static Machine Machine(SshEndpoint endpoint) => new()
    {
        Name = "lab-1", Lab = "lab", Provider = "Ssh", Id = "x", State = "Running", Address = "127.0.0.1", ApiEndpoint = "x:6443", Ssh = endpoint,
    };

    private string In(string path) => Path.Combine(_folder.Path, path);

    private IEnumerable<string> Entries() =>
        Directory.GetFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder.Path, path)).Order();

    /// <summary>Sends until the command is stopped.</summary>
    private sealed class EndlessHosts : IHostPool, IHost
    {
        public string Name => "lab-1";

        public IHost Open(string name, SshEndpoint endpoint) => this;

        public void Drop(string name, SshEndpoint endpoint) => throw new InvalidOperationException("unexpected drop");

        public async Task<CommandResult> RunAsync(HostCommand command, CancellationToken stop)
        {
            await Task.Yield();
            var noise = RandomNumberGenerator.GetBytes(10_000);
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                command.OutputBytes!(noise);
            }
        }

        public Task WriteAsync(RemoteFile file, CancellationToken stop) => throw new InvalidOperationException("unexpected file");

        public Task<Stream> DialAsync(string host, int port, CancellationToken stop) => throw new InvalidOperationException("unexpected stream");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
