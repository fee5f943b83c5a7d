using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Runs one of Bootstrap/Scripts on a machine, in one round trip, and reads the markers that it prints.</summary>
/// <remarks>::step and ::changed and ::warning become events, ::fact KEY=VALUE the result, ::error ID TEXT the exception; all else is detail.
/// Parameters go ahead of the script on standard input, so that a secret is on no command line.</remarks>
internal static class NodeScript
{
    private const int TailLines = 15;

    /// <summary>Runs script <paramref name="name"/> to its end.</summary>
    /// <returns>Its facts.</returns>
    /// <exception cref="KlException">What the script failed with, or <paramref name="errorId"/> with the output's tail; and what <see cref="IHost.RunAsync"/> throws.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        IHost host, string name, IReadOnlyDictionary<string, string?> parameters, string errorId, IProgress<LabEvent> events, CancellationToken stop)
    {
        var reading = new Reading(host.Name, name, events);
        var result = await host.RunAsync(HostCommand.Bash(Text(name, parameters)) with { Output = reading.Take }, stop);
        return result.ExitCode == 0 ? reading.Facts : throw reading.Failure(errorId, result.ExitCode);
    }

    /// <summary>A script's own text.</summary>
    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(NodeScript).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>What bash is given: parameters, the common parts, the script.</summary>
    internal static string Text(string name, IReadOnlyDictionary<string, string?> parameters)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in parameters)
            text.Append(key).Append("='").Append(value?.Replace("'", "'\\''", StringComparison.Ordinal)).Append("'\n");
        return text.Append(Read("lib.sh")).Append(Read("runtime.sh")).Append(Read(name + ".sh")).ToString();
    }

    // What a script has said so far; output and errors may come from two threads.
    private sealed class Reading(string host, string script, IProgress<LabEvent> events)
    {
        private readonly Lock _turn = new();
        private readonly Queue<string> _tail = new();
        private string _step = script;
        private KlException? _error;

        public Dictionary<string, string> Facts { get; } = [];

        public KlException Failure(string errorId, int exitCode) => _error ?? new(errorId, KlErrorKind.Failed, host,
            $"{host}: '{_step}' ended with exit code {exitCode}:\n{string.Join('\n', _tail)}",
            "Run the same command again: it carries on where it stopped. -Debug shows all output.");

        public void Take(OutputLine line)
        {
            lock (_turn)
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
                        _error = NodeErrors.Of(host, text);
                        break;
                    default:
                        events.Detail(host, line.Text);
                        _tail.Enqueue(line.Text);
                        if (_tail.Count > TailLines)
                            _tail.Dequeue();
                        break;
                }
            }
        }
    }
}
