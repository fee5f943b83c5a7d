using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using k8s.Models;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // v5 can close a single channel, which is how a command receives the end of its input. Servers support it since 1.30.
    private const string ProtocolV5 = "v5.channel.k8s.io";
    private const string ProtocolV4 = "v4.channel.k8s.io";

    /// <summary>Starts a command in a container.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="command">The command and its arguments, passed without a shell.</param>
    /// <param name="inputLength">The number of input bytes, or null for no input.</param>
    /// <param name="stop">Cancels the opening; <see cref="KubeStreams.ReadAsync"/> takes its own token.</param>
    /// <exception cref="KlException">KubeNotFound, KubeForbidden, KubeInvalid, KubeUnreachable.</exception>
    internal async Task<KubeStreams> ExecAsync(string ns, string pod, string container, IReadOnlyList<string> command,
        long? inputLength, CancellationToken stop)
    {
        string Path(IEnumerable<string> argv) =>
            $"{KubeKind.Of<V1Pod>().Path(ns, pod)}/exec?container={Uri.EscapeDataString(container)}&stdout=true&stderr=true"
            + (inputLength is null ? "" : "&stdin=true") + string.Concat(argv.Select(a => "&command=" + Uri.EscapeDataString(a)));
        if (inputLength is null)
            return await UpgradeAsync(Path(command), true, stop, ProtocolV5, ProtocolV4);
        try
        {
            return await UpgradeAsync(Path(command), false, stop, ProtocolV5);
        }
        catch (KlException old) when (old.InnerException is KubeStatusException { Code: 400 or 403 })
        {
            // The server cannot close the input channel, so head counts the bytes in the container. A 400 or 403 for another reason occurs again.
            return await UpgradeAsync(Path(["sh", "-c", "n=$1; shift; head -c \"$n\" | \"$@\"", "sh", $"{inputLength}", .. command]), false, stop, ProtocolV4);
        }
    }

    /// <summary>Starts a command in a container, or attaches to the running one (null), with a terminal or for output only.</summary>
    internal Task<KubeStreams> AttachAsync(string ns, string pod, string container, IReadOnlyList<string>? command, bool atTerminal, CancellationToken stop) =>
        UpgradeAsync($"{KubeKind.Of<V1Pod>().Path(ns, pod)}/{(command is null ? "attach" : "exec")}?container={Uri.EscapeDataString(container)}&stdout=true"
            + (atTerminal ? "&stdin=true&tty=true" : "&stderr=true")
            + string.Concat((command ?? []).Select(a => "&command=" + Uri.EscapeDataString(a))), true, stop, ProtocolV5, ProtocolV4);

    /// <summary>Opens one connection to a port of a pod. Channel 0 carries its bytes, channel 1 errors. Each channel begins with the two bytes of
    /// the port number.</summary>
    internal Task<KubeStreams> PortAsync(string ns, string pod, int port, CancellationToken stop) =>
        UpgradeAsync($"{KubeKind.Of<V1Pod>().Path(ns, pod)}/portforward?ports={port}", false, stop, ProtocolV4);

    // The handshake is done here, over the client's own connections, so that its TLS, proxy and credentials apply and a refusal keeps the server's message.
    // A server that waits for the process or port to read its input does not answer pings. So no answer is expected where input is sent.
    private async Task<KubeStreams> UpgradeAsync(string path, bool mustAnswer, CancellationToken stop, params string[] protocols)
    {
        var answer = await StreamAsync(path, stop, protocols);
        var chosen = answer.Headers.TryGetValues("Sec-WebSocket-Protocol", out var values) ? values.First() : null;
        return new(answer, WebSocket.CreateFromStream(await answer.Content.ReadAsStreamAsync(stop),
            new() { SubProtocol = chosen, KeepAliveInterval = KeepAlive, KeepAliveTimeout = mustAnswer ? KeepAlive : Timeout.InfiniteTimeSpan }),
            chosen == ProtocolV5);
    }

    private static void AskForWebSocket(HttpRequestHeaders headers, IEnumerable<string> protocols)
    {
        headers.Connection.Add("Upgrade");
        headers.Upgrade.Add(new("websocket"));
        headers.Add("Sec-WebSocket-Version", "13");
        headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        headers.Add("Sec-WebSocket-Protocol", string.Join(", ", protocols));
    }
}
