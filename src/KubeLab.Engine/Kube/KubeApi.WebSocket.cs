using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using k8s.Models;

namespace KubeLab.Engine.Kube;

public sealed partial class KubeApi
{
    // v5 can end one channel, which is how a command learns that its input has ended; servers know it since 1.30.
    private const string Closable = "v5.channel.k8s.io";
    private const string Plain = "v4.channel.k8s.io";

    /// <summary>Starts a program in a container.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="command">Program and arguments; they arrive as they are.</param>
    /// <param name="inputLength">How many bytes of input there will be, or null: none.</param>
    /// <param name="stop">Ends the opening; <see cref="KubeStreams.ReadAsync"/> has its own.</param>
    /// <exception cref="KlException">KubeNotFound, KubeForbidden, KubeInvalid, KubeUnreachable.</exception>
    internal async Task<KubeStreams> ExecAsync(string ns, string pod, string container, IReadOnlyList<string> command, long? inputLength, CancellationToken stop)
    {
        string Path(IEnumerable<string> argv) => $"{KubeKind.Of<V1Pod>().Path(ns, pod)}/exec?container={Uri.EscapeDataString(container)}&stdout=true&stderr=true"
            + (inputLength is null ? "" : "&stdin=true") + string.Concat(argv.Select(a => "&command=" + Uri.EscapeDataString(a)));
        if (inputLength is null)
            return await UpgradeAsync(Path(command), true, stop, Closable, Plain);
        try
        {
            return await UpgradeAsync(Path(command), false, stop, Closable);
        }
        catch (KlException old) when (old.InnerException is KubeStatusException { Code: 400 or 403 })
        {
            // A server that cannot end the input alone: something in the container has to count. A refusal for another reason is given again.
            return await UpgradeAsync(Path(["sh", "-c", "n=$1; shift; head -c \"$n\" | \"$@\"", "sh", $"{inputLength}", .. command]), false, stop, Plain);
        }
    }

    /// <summary>Starts a program in a container, or joins the one it runs (null), at a terminal or to listen.</summary>
    internal Task<KubeStreams> EnterAsync(string ns, string pod, string container, IReadOnlyList<string>? command, bool atTerminal, CancellationToken stop) =>
        UpgradeAsync($"{KubeKind.Of<V1Pod>().Path(ns, pod)}/{(command is null ? "attach" : "exec")}?container={Uri.EscapeDataString(container)}&stdout=true"
            + (atTerminal ? "&stdin=true&tty=true" : "&stderr=true") + string.Concat((command ?? []).Select(a => "&command=" + Uri.EscapeDataString(a))), true, stop, Closable, Plain);

    /// <summary>Opens one connection to a port of a pod: channel 0 carries its bytes, channel 1 what went wrong; each begins with the port's two bytes.</summary>
    internal Task<KubeStreams> PortAsync(string ns, string pod, int port, CancellationToken stop) =>
        UpgradeAsync($"{KubeKind.Of<V1Pod>().Path(ns, pod)}/portforward?ports={port}", false, stop, Plain);

    // The handshake by hand over the client's own connections: its TLS, proxy and credentials hold, and a refusal keeps the server's words.
    // A server that waits for a program or port to read what was sent answers no ping meanwhile: where much is sent, silence means nothing.
    private async Task<KubeStreams> UpgradeAsync(string path, bool mustAnswer, CancellationToken stop, params string[] protocols)
    {
        using var limit = new Limit(RequestTimeout, _clock, stop);
        try
        {
            var answer = await AskAsync(HttpMethod.Get, path, null, limit, protocols);
            if (answer.StatusCode != HttpStatusCode.SwitchingProtocols)
                using (answer)
                    throw await RefusedAsync(answer, path, limit);
            var chosen = answer.Headers.TryGetValues("Sec-WebSocket-Protocol", out var values) ? values.First() : null;
            return new(answer, WebSocket.CreateFromStream(await answer.Content.ReadAsStreamAsync(limit.Token),
                new() { SubProtocol = chosen, KeepAliveInterval = KeepAlive, KeepAliveTimeout = mustAnswer ? KeepAlive : Timeout.InfiniteTimeSpan }), chosen == Closable);
        }
        catch (Exception error) when (IsNoAnswer(error) && !stop.IsCancellationRequested)
        {
            throw NoAnswer(error);
        }
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
