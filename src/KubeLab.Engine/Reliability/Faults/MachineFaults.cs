using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Starts, lists and ends the faults of a machine. A fault is a service of the machine's systemd, which ends it.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
internal sealed partial class MachineFaults(IHostPool hosts, TimeProvider clock)
{
    private static readonly string Program = string.Concat(
        new[] { "fault", "fault-processes", "fault-services", "fault-network", "fault-resources" }.Select(name => NodeScript.Read(name + ".sh")))
        + "cd \"/run/kubelab/faults/$ID\"\n\"$1\"\n";

    /// <summary>Starts a fault, in one round trip. It is in force, or comes into force at once, when this returns.</summary>
    /// <exception cref="KlException">FaultUnsupported, FaultTargetGone, FaultFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task StartAsync(KlFault fault, Machine machine, FaultSettings settings, IProgress<LabEvent> events, CancellationToken stop)
    {
        var duration = (fault.Ends - fault.Started).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        await NodeScript.RunAsync(host, "start-fault", new Dictionary<string, string?>
        {
            ["ID"] = fault.Id,
            ["DURATION"] = duration,
            ["ABOUT"] = string.Join('\t', fault.Kind, duration, fault.Cluster, fault.Detail, fault.Target),
            ["SETTINGS"] = settings.Text(fault.Id, fault.Kind, duration, machine),
            ["PROGRAM"] = Program,
        }, ErrorIds.FaultFailed, events, stop);
    }

    /// <summary>Kills the main process of a container.</summary>
    /// <exception cref="KlException">FaultTargetGone, FaultFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task KillAsync(Machine machine, string container, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        await NodeScript.RunAsync(host, "kill-container", new Dictionary<string, string?> { ["CONTAINER"] = container }, ErrorIds.FaultFailed, events, stop);
    }

    /// <summary>Lists the faults that are active on a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="end">IDs of faults to end first, or "all".</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">FaultFailed, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<IReadOnlyList<KlFault>> ListAsync(Machine machine, IEnumerable<string> end, IProgress<LabEvent> events, CancellationToken stop)
    {
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        var facts = await NodeScript.RunAsync(host, "faults", new Dictionary<string, string?> { ["END"] = string.Join(' ', end) },
            ErrorIds.FaultFailed, events, stop);
        return [.. facts.Select(fact => Parse(fact.Key, fact.Value, machine)).OfType<KlFault>().OrderBy(fault => fault.Started)];
    }

    /// <summary>What is not healthy on a machine; null if nothing is.</summary>
    public async Task<string?> ProblemAsync(Machine machine, CancellationToken stop)
    {
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        return (await NodeScript.RunAsync(host, "node-health", new Dictionary<string, string?>(), ErrorIds.FaultFailed, new Progress<LabEvent>(), stop))
            .GetValueOrDefault("problem");
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

    [GeneratedRegex("^[0-9a-f]{8}$")]
    private static partial Regex IdForm();
}

/// <summary>The parameters of a fault as the machine's script reads them.</summary>
/// <param name="Values">Variables and values.</param>
internal sealed record FaultSettings(IReadOnlyDictionary<string, string> Values)
{
    /// <summary>The settings of a request for a target.</summary>
    /// <exception cref="KlException">FaultTargetInvalid, FaultTargetGone, ContainerNotFound, ContainerNotNamed.</exception>
    public static FaultSettings Of(FaultRequest request, FaultTarget target)
    {
        static string Number(IFormattable? value, string? form = null) => value?.ToString(form, CultureInfo.InvariantCulture) ?? "0";
        return new(new Dictionary<string, string>
        {
            ["CONTAINER"] = target.Pod is { } pod && request.Kind != FaultKind.NetworkPartition ? FaultContainer.IdOf(pod, request.Container) : "",
            ["TARGETS"] = target.Pod is null ? "" : string.Join(' ', target.Addresses),
            ["PEERS"] = string.Join(' ', request.From?.SelectMany(one => one.Addresses) ?? []),
            ["DIRECTION"] = (request.Direction ?? FaultDirection.Both).ToString(),
            ["PROBABILITY"] = Number(request.Percent / 100, "0.######"),
            ["TC_DISCIPLINE"] = request switch
            {
                { Delay: { } delay } => $"netem delay {Number(delay.TotalMilliseconds, "0.###")}ms" +
                    (request.Jitter is { } jitter ? $" {Number(jitter.TotalMilliseconds, "0.###")}ms" : ""),
                // tbf(8): a packet waits at most 400 ms. The burst is enough for a rate of 1 Gbit/s on a kernel with 250 Hz.
                { Rate: { } rate } => $"tbf rate {rate.ToLowerInvariant()} burst 512kb latency 400ms",
                _ => "",
            },
            ["SERVICE"] = request.Service switch { null => "", "registry" => "kubelab-registry", var name => name },
            ["FAULT_FOLDER"] = request.Path is { Length: > 1 } path ? path.TrimEnd('/') : request.Path ?? "",
            ["FREE_BYTES"] = Number(request.Free),
            ["CORES"] = Number(request.Cores ?? 1),
            ["BYTES"] = Number(request.Memory),
            ["BY"] = Number(request.By?.TotalSeconds, "0.######"),
        });
    }

    /// <summary>The assignments for bash.</summary>
    public string Text(string id, FaultKind kind, string duration, Machine machine)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Values.Append(new("ID", id)).Append(new("KIND", kind.ToString())).Append(new("DURATION", duration))
            .Append(new("MACHINE_ADDRESS", machine.Address.ToString())).Append(new("SHARED_KERNEL", machine.IsContainer ? "true" : "false")))
            text.Append(name).Append("='").Append(value.Replace("'", "'\\''", StringComparison.Ordinal)).Append("'\n");
        return text.ToString();
    }
}
