using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Runs a script of Bootstrap/Scripts on a machine in one round trip and reads the markers that it prints.</summary>
/// <remarks>::step, ::changed and ::warning become events, ::fact KEY=VALUE the result and ::error ID TEXT the exception. All other output is detail.
/// Parameters are sent before the script on standard input, so that no secret appears on a command line.</remarks>
internal static class NodeScript
{
    /// <summary>Runs the script <paramref name="name"/>.</summary>
    /// <returns>The facts.</returns>
    /// <exception cref="KlException">The error of the script, or <paramref name="errorId"/> with the end of the output;
    /// and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        IHost host, string name, IReadOnlyDictionary<string, string?> parameters, string errorId, IProgress<LabEvent> events, CancellationToken stop)
    {
        var reading = new OutputParser(host.Name, name, events);
        var result = await host.RunAsync(HostCommand.Bash(Text(name, parameters)) with { Output = reading.Take }, stop);
        return result.ExitCode == 0 ? reading.Facts : throw reading.Failure(errorId, result.ExitCode);
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
        return text.Append(Read("lib.sh")).Append(Read("runtime.sh")).Append(Read(name + ".sh")).ToString();
    }

    // Collects the output of a script. Standard output and standard error may come from different threads.
    private sealed class OutputParser(string host, string script, IProgress<LabEvent> events)
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
                        _error = NodeErrors.Create(host, text);
                        break;
                    default:
                        events.Detail(host, line.Text);
                        _tail.AddLine(line.Text);
                        break;
                }
            }
        }
    }
}
