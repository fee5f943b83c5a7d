using System.Net;
using System.Net.Sockets;
using System.Text;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Remote;

[Collection(nameof(Sshd))]
public sealed class FileAndPortTests(Sshd sshd) : IDisposable
{
    private readonly SshHostPool _pool = new(TimeProvider.System);

    public void Dispose() => _pool.DisposeAsync().AsTask().Wait();

    [SshdFact]
    public async Task A_forwarded_port_carries_bytes_in_both_directions()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var stream = await _pool.Open("lab", sshd.Endpoint).DialAsync("127.0.0.1", port, default);
        using var other = await listener.AcceptTcpClientAsync();
        await stream.WriteAsync("ping"u8.ToArray());
        var received = new byte[4];
        await other.GetStream().ReadExactlyAsync(received);
        await other.GetStream().WriteAsync("pong"u8.ToArray());
        await stream.ReadExactlyAsync(received);
        Assert.Equal("pong", Encoding.ASCII.GetString(received));
        other.Close();
        Assert.Equal(0, await stream.ReadAsync(received));
    }

    [SshdFact]
    public async Task A_closed_port_is_an_error_at_the_first_read()
    {
        await using var stream = await _pool.Open("lab", sshd.Endpoint).DialAsync("127.0.0.1", Sshd.FreePort(), default);
        await Assert.ThrowsAsync<IOException>(() => stream.ReadAsync(new byte[1]).AsTask().WaitAsync(Gates.Timeout));
    }

    [SshdFact]
    public async Task A_file_is_written_with_its_mode_and_folders()
    {
        var host = _pool.Open("lab", sshd.Endpoint);
        var path = sshd.File("made/of folders/it's.conf");
        await host.WriteAsync(new(path, "secret"u8.ToArray(), UnixFileMode.UserRead | UnixFileMode.UserWrite), default);
        await host.WriteAsync(new(path, "other secret\n"u8.ToArray(), UnixFileMode.UserRead), default);
        Assert.Equal("other secret\n", await File.ReadAllTextAsync(path));
        const string script = "echo $(stat -c %a \"$1\" \"$(dirname \"$1\")\") $(ls \"$(dirname \"$1\")\" | wc -l)";
        Assert.Equal("400 755 1\n", await host.CheckAsync(new("sh", "-c", script, "sh", path), default));
    }

    [SshdFact]
    public async Task A_failed_write_leaves_no_temporary_file()
    {
        Directory.CreateDirectory(sshd.File("taken/x"));
        var host = _pool.Open("lab", sshd.Endpoint);
        var error = await Assert.ThrowsAsync<KlException>(() => host.WriteAsync(new(sshd.File("taken"), "x"u8.ToArray()), default));
        Assert.Equal("CommandFailed", error.ErrorId);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(sshd.Key)!, "taken.*"));
    }

    [SshdTheory]
    [InlineData("root", "size=64k")]
    [InlineData("root", "nr_inodes=2")]
    [InlineData(Sshd.Sudoer, "size=64k")]
    public async Task A_full_disk_is_reported_and_the_old_file_is_unchanged(string user, string limit)
    {
        var (folder, path) = (sshd.File("full"), sshd.File("full/app.conf"));
        Directory.CreateDirectory(folder);
        await sshd.InsideAsync("mount", "-t", "tmpfs", "-o", limit, "tmpfs", folder);
        try
        {
            var host = _pool.Open("lab", sshd.Endpoint with { User = user });
            await host.WriteAsync(new(path, "old"u8.ToArray()), default).WaitAsync(Gates.Timeout);
            // More than the server buffers, so that the command no longer reads when the disk is full.
            var error = await Assert.ThrowsAsync<KlException>(() => host.WriteAsync(new(path, new byte[5 << 20]), default).WaitAsync(Gates.Timeout));

            Assert.Equal(("CommandFailed", "lab"), (error.ErrorId, error.Target));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
            Assert.Contains("Free disk space", error.NextStep, StringComparison.Ordinal);
            Assert.Equal("app.conf\nold", await sshd.InsideAsync("sh", "-c", $"ls -A {folder}; cat {path}"));
        }
        finally
        {
            await sshd.InsideAsync("umount", folder);
        }
    }

    [SshdFact]
    public async Task Incomplete_content_does_not_replace_the_file()
    {
        var path = sshd.File("half");
        await File.WriteAllTextAsync(path, "whole");
        // More than the server buffers before the command reads it (sshd's window is 2 MiB), so the temporary file exists.
        using var relay = new Relay(sshd.Port, limit: 8 << 20);
        var host = _pool.Open("lab", sshd.Endpoint with { Port = relay.Port });
        var error = await Assert.ThrowsAsync<KlException>(() => host.WriteAsync(new(path, new byte[16 << 20]), default));
        Assert.Equal("ConnectionLost", error.ErrorId);
        await Sshd.UntilAsync(
            () => Directory.GetFiles(Path.GetDirectoryName(path)!).Count(file => file.StartsWith(path, StringComparison.Ordinal)) == 1,
            "The temporary file was not removed.");
        Assert.Equal("whole", await File.ReadAllTextAsync(path));
    }
}
