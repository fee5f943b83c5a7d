using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KubeLab.Engine.Remote;

/// <summary>A machine that is reached over SSH.</summary>
internal sealed class SshHost(string name, SshConnection connection) : IHost
{
    // The size is checked because a lost connection looks like the end of the content.
    private const string Write = """
        set -eu
        export LC_ALL=C
        (umask 022; mkdir -p -- "$(dirname -- "$1")")
        umask 077
        new=$(mktemp -- "$1.XXXXXX")
        trap 'rm -f -- "$new"' EXIT
        trap 'exit 1' HUP INT PIPE TERM
        cat >"$new"
        [ "$(wc -c <"$new")" -eq "$3" ] || { echo "the content is incomplete" >&2; exit 1; }
        chmod -- "$2" "$new"
        mv -fT -- "$new" "$1"
        """;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken stop) => connection.RunAsync(command, stop);

    /// <inheritdoc/>
    public async Task WriteAsync(RemoteFile file, CancellationToken stop)
    {
        string[] arguments = [file.Path, Convert.ToString((int)file.Mode, 8), file.Content.Length.ToString(CultureInfo.InvariantCulture)];
        var result = await RunAsync(new("sh", ["-c", Write, "sh", .. arguments]) { Input = file.Content }, stop);
        if (result.ExitCode != 0)
            throw Hosts.Failure(name, new("write", file.Path), result);
    }

    /// <inheritdoc/>
    public async Task<Stream> DialAsync(string host, int port, CancellationToken stop)
    {
        var link = await connection.OpenAsync(stop);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Tunnel? tunnel = null;
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var localPort = ((IPEndPoint)socket.LocalEndPoint!).Port;
            // Reject other processes on this computer that connect to the forwarded port.
            tunnel = new(link.Client, host, port, originator => originator == localPort);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, tunnel.Port), stop);
            return new TunnelStream(socket, tunnel, $"{name}: {host}:{port}");
        }
        catch (Exception error)
        {
            tunnel?.Dispose();
            socket.Dispose();
            if (SshFailure.IsSshError(error))
                throw SshFailure.ConnectError(name, connection.Endpoint, error);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
