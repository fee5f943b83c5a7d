using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using Renci.SshNet.Common;

namespace KubeLab.Engine.Remote;

/// <summary>The user's ssh-agent (draft-miller-ssh-agent).</summary>
/// <param name="identityAgent">ssh_config's IdentityAgent: a socket, "none" or an environment variable. Default: SSH_AUTH_SOCK.</param>
internal sealed class SshAgent(string? identityAgent)
{
    private const byte RequestIdentities = 11;
    private const byte IdentitiesAnswer = 12;
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;

    /// <summary>The keys in the agent; empty if no agent is running.</summary>
    public async Task<IReadOnlyList<AgentKey>> KeysAsync(CancellationToken stop)
    {
        if (identityAgent == "none")
            return [];
        try
        {
            return Keys(await AskAsync([RequestIdentities], IdentitiesAnswer, stop));
        }
        catch (Exception error) when (error is SocketException or IOException or TimeoutException or SshException or ArgumentException)
        {
            return [];
        }
    }

    /// <summary>Signs <paramref name="data"/> and returns the signature in SSH format.</summary>
    /// <exception cref="SshAuthenticationException">The agent refused to sign or is not running.</exception>
    public async Task<byte[]> SignAsync(byte[] key, byte[] data, int flags)
    {
        try
        {
            return Text(await AskAsync([SignRequest, .. Text(key), .. Text(data), .. Number(flags)], SignResponse, CancellationToken.None), 0);
        }
        catch (Exception error) when (error is SocketException or IOException or TimeoutException or ArgumentException)
        {
            throw new SshAuthenticationException("The agent did not sign: " + error.Message, error);
        }
    }

    /// <summary>Reads an SSH protocol string at <paramref name="at"/>.</summary>
    public static byte[] Text(byte[] message, int at) =>
        message.AsSpan(at + 4, BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(at))).ToArray();

    private string SocketPath => (identityAgent switch
    {
        null or "SSH_AUTH_SOCK" => Environment.GetEnvironmentVariable("SSH_AUTH_SOCK"),
        ['$', .. var variable] => Environment.GetEnvironmentVariable(variable),
        _ => identityAgent,
    }) ?? "";

    private static byte[] Text(byte[] text) => [.. Number(text.Length), .. text];

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private List<AgentKey> Keys(byte[] answer)
    {
        var keys = new List<AgentKey>();
        for (int at = 4, left = BinaryPrimitives.ReadInt32BigEndian(answer); left > 0; left--)
        {
            var key = Text(answer, at);
            at += 4 + key.Length;
            at += 4 + Text(answer, at).Length;
            keys.Add(new(this, key, Encoding.ASCII.GetString(Text(key, 0))));
        }
        return keys;
    }

    private async Task<byte[]> AskAsync(byte[] question, byte expected, CancellationToken stop)
    {
        await using var agent = await ConnectAsync(stop);
        await agent.WriteAsync(Text(question), stop);
        var length = new byte[4];
        await agent.ReadExactlyAsync(length, stop);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await agent.ReadExactlyAsync(answer, stop);
        return answer[0] == expected ? answer[1..] : throw new SshAuthenticationException("The agent refused the request.");
    }

    private async Task<Stream> ConnectAsync(CancellationToken stop)
    {
        if (OperatingSystem.IsWindows())
        {
            var name = SocketPath is "" ? "openssh-ssh-agent" : Path.GetFileName(SocketPath);
            var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous);
            await pipe.ConnectAsync(TimeSpan.Zero, stop);
            return pipe;
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
