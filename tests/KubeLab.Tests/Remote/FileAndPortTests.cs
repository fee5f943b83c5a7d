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

    [Fact]
    public async Task A_dialled_port_carries_bytes_both_ways()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var stream = await _pool.Open("lab", sshd.Endpoint).DialAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, default);
        using var other = await listener.AcceptTcpClientAsync();
        await stream.WriteAsync("ping"u8.ToArray());
        var heard = new byte[4];
        await other.GetStream().ReadExactlyAsync(heard);
        await other.GetStream().WriteAsync("pong"u8.ToArray());
        await stream.ReadExactlyAsync(heard);
        Assert.Equal("pong", Encoding.ASCII.GetString(heard));
        other.Close();
        Assert.Equal(0, await stream.ReadAsync(heard));
    }

    [Fact]
    public async Task A_dialled_port_that_nothing_listens_on_is_an_error()
    {
        await using var stream = await _pool.Open("lab", sshd.Endpoint).DialAsync("127.0.0.1", Sshd.FreePort(), default);
        await Assert.ThrowsAsync<IOException>(() => stream.ReadAsync(new byte[1]).AsTask().WaitAsync(Gates.Patience));
    }

    [Fact]
    public async Task A_file_is_put_in_place_with_its_mode_and_its_folders()
    {
        var host = _pool.Open("lab", sshd.Endpoint);
        var path = sshd.File("made/of folders/it's.conf");
        await host.WriteAsync(new(path, "secret"u8.ToArray(), UnixFileMode.UserRead | UnixFileMode.UserWrite), default);
        await host.WriteAsync(new(path, "other secret\n"u8.ToArray(), UnixFileMode.UserRead), default);
        Assert.Equal("other secret\n", await File.ReadAllTextAsync(path));
        Assert.Equal("400 755 1\n", await host.CheckAsync(new("sh", "-c", "echo $(stat -c %a \"$1\" \"$(dirname \"$1\")\") $(ls \"$(dirname \"$1\")\" | wc -l)", "sh", path), default));
    }

    [Fact]
    public async Task A_file_that_cannot_be_put_in_place_leaves_nothing()
    {
        Directory.CreateDirectory(sshd.File("taken/x"));
        var error = await Assert.ThrowsAsync<KlException>(() => _pool.Open("lab", sshd.Endpoint).WriteAsync(new(sshd.File("taken"), "x"u8.ToArray()), default));
        Assert.Equal("CommandFailed", error.ErrorId);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(sshd.Key)!, "taken.*"));
    }

    [Fact]
    public async Task Content_that_is_cut_off_does_not_replace_the_file()
    {
        var path = sshd.File("half");
        await File.WriteAllTextAsync(path, "whole");
        // More than the server takes before the command reads it (sshd's window of 2 MiB): the file beside it is there.
        using var relay = new Relay(sshd.Port, limit: 8 << 20);
        var host = _pool.Open("lab", sshd.Endpoint with { Port = relay.Port });
        var error = await Assert.ThrowsAsync<KlException>(() => host.WriteAsync(new(path, new byte[16 << 20]), default));
        Assert.Equal("ConnectionLost", error.ErrorId);
        await Sshd.UntilAsync(() => Directory.GetFiles(Path.GetDirectoryName(path)!).Count(file => file.StartsWith(path, StringComparison.Ordinal)) == 1, "half a file stays");
        Assert.Equal("whole", await File.ReadAllTextAsync(path));
    }
}
