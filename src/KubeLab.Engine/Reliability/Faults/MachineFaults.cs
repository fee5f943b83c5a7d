using System.Globalization;
using System.Text.RegularExpressions;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Starts, lists and ends the faults of a machine. A fault is a service of the machine's systemd, which ends it.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
internal sealed partial class MachineFaults(IHostPool hosts, TimeProvider clock)
{
    // A machine whose network is the fault, or that crashed, does not close its connections. One that has just booted is slow.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5), SlowTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The functions of the script that is a fault.</summary>
    internal static readonly string Functions = string.Concat(new[]
    {
        "fault", "fault-caller", "fault-processes", "fault-services", "fault-network", "fault-resources",
    }.Select(name => NodeScript.Read(name + ".sh")));

    internal static readonly Dictionary<string, NodeError> NodeErrors = new()
    {
        [ErrorIds.FaultTargetGone] = new(KlErrorKind.NotFound, "Choose a target that exists and runs."),
        [ErrorIds.FaultUnsupported] = new(KlErrorKind.InvalidInput, "Nothing was changed. Choose another kind of fault, or another machine."),
    };

    /// <summary>Starts a fault, in one round trip. It is in force, or comes into force at once, when this returns.</summary>
    /// <exception cref="KlException">FaultUnsupported, FaultTargetGone, FaultFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task StartAsync(KlFault fault, Machine machine, FaultSettings settings, IProgress<LabEvent> events, CancellationToken stop)
    {
        var duration = (fault.Ends - fault.Started).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var report = new StartReport(events);
        try
        {
            await RunAsync(machine, "start-fault", new()
            {
                ["ID"] = fault.Id,
                ["DURATION"] = duration,
                ["ABOUT"] = string.Join('\t', fault.Kind, duration, fault.Cluster, fault.Detail, fault.Target),
                ["SETTINGS"] = settings.Text(fault.Id, fault.Kind, duration, machine),
                ["PROGRAM"] = Functions + "cd \"/run/kubelab/faults/$ID\"\n\"$1\"\n",
            }, report, stop);
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.ConnectionLost && report.HasStarted)
        {
            // A slow machine can crash, or stop its processes, before it has sent the exit code of the script.
        }
    }

    /// <summary>Kills the main process of a container.</summary>
    /// <exception cref="KlException">FaultTargetGone, FaultFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public Task KillAsync(Machine machine, string container, IProgress<LabEvent> events, CancellationToken stop) =>
        RunAsync(machine, "kill-container", new() { ["CONTAINER"] = container }, events, stop);

    /// <summary>Lists the faults that are active on a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="console">Reaches the machine if it does not answer over SSH, or null.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">FaultFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<IReadOnlyList<KlFault>> ListAsync(Machine machine, IHost? console, CancellationToken stop)
    {
        try
        {
            return await AskAsync(
                machine, AnswerTimeout, (host, token) => ListAsync(host, machine, "", new Progress<LabEvent>(), token), stop);
        }
        catch (KlException error) when (error.Kind == KlErrorKind.Unreachable && console is not null)
        {
            return await ListAsync(console, machine, "", new Progress<LabEvent>(), stop);
        }
    }

    /// <summary>Ends a fault.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="console">Reaches the machine also if its network or its SSH server is the fault, or null.</param>
    /// <param name="id">The identifier of the fault.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>Whether the fault is still active.</returns>
    /// <exception cref="KlException">FaultFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<bool> EndAsync(Machine machine, IHost? console, string id, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (console is not null)
            return (await ListAsync(console, machine, id, events, stop)).Any(one => one.Id == id);
        // A machine that answers can take longer to start services again.
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        return (await AskAsync(machine, SlowTimeout, (open, token) => ListAsync(open, machine, "", events, token), stop)).Any(one => one.Id == id)
            && (await ListAsync(host, machine, id, events, stop)).Any(one => one.Id == id);
    }

    /// <summary>What is not healthy on a machine, or null; and the identifier of its start.</summary>
    /// <exception cref="KlException">FaultFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<(string? Problem, string? Boot)> HealthAsync(Machine machine, CancellationToken stop)
    {
        var facts = await AskAsync(machine, SlowTimeout, (host, token) =>
            RunAsync(host, "node-health", [], new Progress<LabEvent>(), token), stop);
        return (facts.TryGetValue("problem", out var problem) ? $"{problem}." : null, facts.GetValueOrDefault("boot"));
    }

    private async Task<IReadOnlyList<KlFault>> ListAsync(IHost host, Machine machine, string end, IProgress<LabEvent> events, CancellationToken stop)
    {
        var facts = await RunAsync(host, "faults", new() { ["END"] = end }, events, stop);
        return [.. facts.Select(fact => Parse(fact.Key, fact.Value, machine)).OfType<KlFault>().OrderBy(fault => fault.Started)];
    }

    private async Task RunAsync(
        Machine machine, string script, Dictionary<string, string?> parameters, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        await RunAsync(host, script, parameters, events, stop);
    }

    private static Task<IReadOnlyDictionary<string, string>> RunAsync(
        IHost host, string script, Dictionary<string, string?> parameters, IProgress<LabEvent> events, CancellationToken stop) =>
        NodeScript.RunAsync(host, script, parameters, NodeErrors, ErrorIds.FaultFailed, events, stop);

    // If the machine does not answer, the connection is of no use to the next command either.
    private async Task<T> AskAsync<T>(Machine machine, TimeSpan limit, Func<IHost, CancellationToken, Task<T>> ask, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        await using var drop = timeout.Token.Register(() => hosts.Drop(machine.Name, machine.Ssh));
        try
        {
            return await ask(host, linked.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new KlException(ErrorIds.HostUnreachable, KlErrorKind.Unreachable, machine.Name,
                $"{machine.Name} does not answer within {limit.TotalSeconds:0} seconds.");
        }
    }

    // A line is "STATE AGE KIND<tab>DURATION<tab>CLUSTER<tab>DETAIL<tab>TARGET". What does not have this form was not written by KubeLab.
    private KlFault? Parse(string id, string line, Machine machine)
    {
        if (!IdForm().IsMatch(id) || line.Split(' ', 3) is not [var state, var age, var about]
            || about.Split('\t') is not [var kind, var duration, var cluster, var detail, var target] || !Enum.TryParse<FaultKind>(kind, out var known)
            || !double.TryParse(age, CultureInfo.InvariantCulture, out var seconds) || !double.TryParse(duration, CultureInfo.InvariantCulture, out var length)
            || seconds is < 0 or > 1e9 || length is < 0 or > 1e5)
            return null;
        var started = clock.GetUtcNow() - TimeSpan.FromSeconds(seconds);
        return new()
        {
            Id = id,
            Kind = known,
            Target = target,
            Detail = detail,
            Machine = machine.Name,
            Lab = machine.Lab,
            Cluster = cluster.Length == 0 ? null : cluster,
            Started = started,
            Ends = started + TimeSpan.FromSeconds(length),
            State = state == "active" ? FaultState.Active : FaultState.Unknown,
        };
    }

    // The script reports a change when it has started the fault.
    private sealed class StartReport(IProgress<LabEvent> events) : IProgress<LabEvent>
    {
        public bool HasStarted { get; private set; }

        public void Report(LabEvent value)
        {
            HasStarted |= value.Kind == LabEventKind.Changed;
            events.Report(value);
        }
    }

    [GeneratedRegex("^[0-9a-f]{8}$")]
    private static partial Regex IdForm();
}
