using System.Net.Sockets;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;

namespace KubeLab.Engine.Remote;

/// <summary>What an exception of SSH.NET means.</summary>
internal static class SshFailure
{
    /// <summary>Whether <paramref name="error"/> is of the network or of SSH, and no mistake of ours.</summary>
    public static bool IsOfSsh(Exception error) =>
        error is SshException or SocketException or IOException or TimeoutException or ObjectDisposedException;

    /// <summary>Why a machine could not be connected to.</summary>
    public static KlException Connecting(string name, SshEndpoint endpoint, Exception error)
    {
        var via = endpoint.Jump is { } jump ? $" through {jump}" : "";
        return error switch
        {
            SshAuthenticationException or SshConnectionException { DisconnectReason: DisconnectReason.NoMoreAuthenticationMethodsAvailable or DisconnectReason.ProtocolError } =>
                new(ErrorIds.AuthenticationFailed, KlErrorKind.Denied, name, $"{name}: {endpoint}{via} rejected the login: {error.Message}",
                    "Give a key or password that this login accepts, or put the public key into its authorized_keys.", error),
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
                new(ErrorIds.ConnectionRefused, KlErrorKind.Unreachable, name, $"{name}: nothing listens at {endpoint}{via}.",
                    "Start the SSH server there, or give the port it listens on.", error),
            _ => new(ErrorIds.HostUnreachable, KlErrorKind.Unreachable, name, $"{name}: no SSH connection to {endpoint}{via}: {Reason(error)}",
                "Check that the machine runs, that the address is right and that no firewall stands between.", error),
        };
    }

    /// <summary>A command was under way when its connection went.</summary>
    public static KlException Lost(string name, HostCommand command, Exception error) =>
        new(ErrorIds.ConnectionLost, KlErrorKind.Unreachable, name, $"{name}: the connection was lost while '{command}' ran; it may still be running there. {error.Message}",
            "Look at the machine, then run the same again: what is done already is not done twice.", error);

    private static string Reason(Exception error) => error switch
    {
        SshOperationTimeoutException or OperationCanceledException => "it did not answer in time.",
        SshConnectionException => $"{error.Message} It may still be starting.",
        _ => error.Message,
    };
}
