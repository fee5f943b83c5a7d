using System.Net.Sockets;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;

namespace KubeLab.Engine.Remote;

/// <summary>Turns exceptions of SSH.NET into errors for the user.</summary>
internal static class SshFailure
{
    /// <summary>Whether <paramref name="error"/> is a network or SSH error rather than a bug.</summary>
    public static bool IsSshError(Exception error) =>
        error is SshException or SocketException or IOException or TimeoutException or ObjectDisposedException;

    /// <summary>The error for a failed connection.</summary>
    public static KlException ConnectError(string name, SshEndpoint endpoint, Exception error)
    {
        var via = endpoint.Jump is { } jump ? $" through {jump}" : "";
        return error switch
        {
            SshAuthenticationException or SshConnectionException
            {
                DisconnectReason: DisconnectReason.NoMoreAuthenticationMethodsAvailable or DisconnectReason.ProtocolError,
            } =>
                new(ErrorIds.AuthenticationFailed, KlErrorKind.Denied, name, $"{name}: {endpoint}{via} rejected the login: {error.Message}",
                    "Use a key or password that the machine accepts, or add the public key to the user's authorized_keys file.", error),
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
                new(ErrorIds.ConnectionRefused, KlErrorKind.Unreachable, name, $"{name}: {endpoint}{via} refused the connection.",
                    "Start the SSH server on the machine, or use the port it listens on.", error),
            _ => new(ErrorIds.HostUnreachable, KlErrorKind.Unreachable, name, $"{name}: could not connect to {endpoint}{via}: {Reason(error)}",
                "Check that the machine is running, that the address is correct and that no firewall blocks the connection.", error),
        };
    }

    /// <summary>The error for a connection that was lost while a command ran.</summary>
    public static KlException ConnectionLost(string name, HostCommand command, Exception error) =>
        new(ErrorIds.ConnectionLost, KlErrorKind.Unreachable, name,
            $"{name}: the connection was lost while '{command}' was running. It may still be running on the machine. {error.Message}",
            "Check the machine, then run the same command again. Completed steps are not repeated.", error);

    private static string Reason(Exception error) => error switch
    {
        SshOperationTimeoutException or OperationCanceledException => "no response before the timeout.",
        SshConnectionException => $"{error.Message} The machine may still be starting.",
        _ => error.Message,
    };
}
