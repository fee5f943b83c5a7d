using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Remote;

/// <summary>Runs an embedded script on a machine in one round trip and reads the markers that it prints.</summary>
/// <remarks>::step, ::changed and ::warning become events, ::fact KEY=VALUE the result and ::error ID TEXT the exception. All other output is detail.
/// Parameters are sent before the script on standard input, so that no secret appears on a command line.</remarks>
internal static class NodeScript
{
    /// <summary>The errors of the common scripts, which are in Scripts.</summary>
    internal static readonly Dictionary<string, NodeError> CommonErrors = new()
    {
        [ErrorIds.AptFailed] = new(KlErrorKind.Failed, "Fix 'apt-get update' on the machine, then run the same command again."),
        [ErrorIds.MachineBusy] = new(KlErrorKind.Timeout, "Wait for the other run or stop it, then run the same command again."),
        [ErrorIds.MachineInUse] = new(KlErrorKind.Exists, "To give up that cluster, run kubeadm reset on the machine, then try again."),
        [ErrorIds.ServiceDown] = new(KlErrorKind.Failed, "Fix the service so that systemctl can start it, then run the same command again."),
        [ErrorIds.InotifyLimit] = new(KlErrorKind.Failed,
            "Run 'sysctl -w fs.inotify.max_user_instances=8192' on the machine, or on the host of its container, then run the same command again."),
        [ErrorIds.ImagesUnreachable] = new(KlErrorKind.Unreachable,
            "Make the registry reachable from the machine (containerd has its own proxy settings), or install from a mirror that has the images."),
    };

    /// <summary>Runs a script.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="name">The name of the script.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="known">The errors that it reports, by their ErrorIds. Those of the common scripts are always known.</param>
    /// <param name="errorId">The ErrorId if it fails without an error of its own.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <param name="lines">Receives each line of standard output that is not a marker, instead of <paramref name="events"/>; or null.</param>
    /// <returns>The facts.</returns>
    /// <exception cref="KlException">The error of the script, or <paramref name="errorId"/> with the end of the output;
    /// and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        IHost host, string name, IReadOnlyDictionary<string, string?> parameters, IReadOnlyDictionary<string, NodeError> known, string errorId,
        IProgress<LabEvent> events, CancellationToken stop, Action<string>? lines = null)
    {
        var reading = new OutputParser(host.Name, name, known, events, lines);
        var result = await host.RunAsync(HostCommand.Bash(Text(name, parameters)) with { Output = reading.Take }, stop);
        return result.ExitCode == 0 ? reading.Facts : throw reading.Failure(errorId, result.ExitCode);
    }

    /// <summary>Runs a script whose standard output is data. It prints its markers to standard error.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="name">The name of the script.</param>
    /// <param name="known">The errors that it reports, by their ErrorIds.</param>
    /// <param name="errorId">The ErrorId if it fails without an error of its own.</param>
    /// <param name="output">Receives the data, on a thread that may block.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">The error of the script, or <paramref name="errorId"/> with the end of the output;
    /// and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public static async Task ReadAsync(IHost host, string name, IReadOnlyDictionary<string, NodeError> known, string errorId,
        Action<ReadOnlyMemory<byte>> output, IProgress<LabEvent> events, CancellationToken stop)
    {
        var reading = new OutputParser(host.Name, name, known, events);
        var command = HostCommand.Bash(Text(name, new Dictionary<string, string?>())) with { Output = line => reading.Take(line with { IsError = false }) };
        var result = await host.PipeAsync(command, output, stop);
        if (result.ExitCode != 0)
            throw reading.Failure(errorId, result.ExitCode);
    }

    /// <summary>Reads an embedded script.</summary>
    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(NodeScript).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>The input for bash: the parameters, the common scripts and the script.</summary>
    internal static string Text(string name, IReadOnlyDictionary<string, string?> parameters)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in parameters)
            text.Append(key).Append("='").Append(value?.Replace("'", "'\\''", StringComparison.Ordinal)).Append("'\n");
        return text.Append(Read("lib.sh")).Append(Read("packages.sh")).Append(Read("runtime.sh")).Append(Read(name + ".sh")).ToString();
    }

    /// <summary>Creates the error for an "::error ID TEXT" line.</summary>
    internal static KlException Error(string host, string line, IReadOnlyDictionary<string, NodeError> known)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var (id, text) = (line[..space], line[(space + 1)..]);
        var error = known.GetValueOrDefault(id) ?? CommonErrors[id];
        return new(id, error.Kind, host, $"{host}: {text}", error.NextStep);
    }

    // Collects the output of a script. Standard output and standard error may come from different threads.
    private sealed class OutputParser(
        string host, string script, IReadOnlyDictionary<string, NodeError> known, IProgress<LabEvent> events, Action<string>? lines = null)
    {
        private readonly Lock _gate = new();
        private readonly OutputTail _tail = new();
        private string _step = script;
        private KlException? _error;

        public Dictionary<string, string> Facts { get; } = [];

        public KlException Failure(string errorId, int exitCode) => _error ?? new(errorId, KlErrorKind.Failed, host,
            $"{host}: '{_step}' failed with exit code {exitCode}:\n{_tail}",
            "Run the same command again. It continues where it stopped. -Debug shows the complete output.");

        public void Take(OutputLine line)
        {
            lock (_gate)
            {
                var word = line.IsError || !line.Text.StartsWith("::", StringComparison.Ordinal) ? "" : line.Text.Split(' ')[0];
                var text = line.Text.Length > word.Length ? line.Text[(word.Length + 1)..] : "";
                switch (word)
                {
                    case "::step":
                        events.Step(host, _step = text);
                        break;
                    case "::changed":
                        events.Changed(host, text);
                        break;
                    case "::warning":
                        events.Warning(host, text);
                        break;
                    case "::fact":
                        var pair = text.Split('=', 2);
                        Facts[pair[0]] = pair[1].Trim();
                        break;
                    case "::error":
                        _error = Error(host, text, known);
                        break;
                    default:
                        if (lines is not null && !line.IsError)
                        {
                            lines(line.Text);
                            break;
                        }
                        events.Detail(host, line.Text);
                        _tail.AddLine(line.Text);
                        break;
                }
            }
        }
    }
}
