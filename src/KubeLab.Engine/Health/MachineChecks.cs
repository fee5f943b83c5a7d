using System.Globalization;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Health;

/// <summary>Checks the machines of a cluster, in one SSH round trip each.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
internal sealed class MachineChecks(KlCluster cluster, IHostPool hosts, TimeProvider clock)
{
    // The kubelet evicts pods if less than 10 % of its disk is free (kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction).
    private const int AlmostFull = 85, Full = 95;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    /// <summary>Checks a machine. One that does not respond is a failed check.</summary>
    public async Task<IReadOnlyList<KlCheck>> RunAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var result = new Checks(cluster, "Machine");
        if (machine.State != "Running")
            return [result.Failed(machine.Name, $"it is {machine.State}", "Start the machine, or remove it from the cluster.")];
        using var timeout = new TimeLimit(Timeout, clock, stop);
        try
        {
            await using var host = hosts.Open(machine.Name, machine.Ssh);
            var began = clock.GetUtcNow();
            var facts = await NodeScript.RunAsync(
                host, "health", new Dictionary<string, string?>(), new Dictionary<string, NodeError>(), ErrorIds.FactsFailed, events, timeout.Token);
            return [.. Judge(machine.Name, facts, began, clock.GetUtcNow())];
        }
        catch (KlException error)
        {
            return [result.Failed(machine.Name, error.Message, error.NextStep)];
        }
        catch (OperationCanceledException) when (timeout.IsExpired)
        {
            return [result.Failed(machine.Name, $"it did not respond within {Timeout.TotalSeconds:0} s", "Restart the machine.")];
        }
    }

    private IEnumerable<KlCheck> Judge(string machine, IReadOnlyDictionary<string, string> facts, DateTimeOffset began, DateTimeOffset ended)
    {
        var check = new Checks(cluster, "Machine");
        yield return facts.GetValueOrDefault("stopped") is { Length: > 0 } stopped
            ? check.Failed(machine, $"these services do not run: {stopped}", "Start the services with systemctl, and check their logs with journalctl.")
            : check.Passed(machine, "its services run");
        yield return Clock(machine, facts.GetValueOrDefault("now"), began, ended);
        yield return Disk(machine, facts.GetValueOrDefault("disk"));
        if (facts.TryGetValue("api", out var api))
            yield return api == "ok" ? new Checks(cluster, "ApiServer").Passed(machine, "it is ready") : new Checks(cluster, "ApiServer").Failed(
                machine, $"/readyz returned: {api}", "Check the log of the API server and of etcd below /var/log/pods.");
        if (facts.GetValueOrDefault("registry")?.Split(' ') is [var registry, var code])
            yield return code is "200" or "401" ? new Checks(cluster, "Registry").Passed(machine, $"{registry} responds")
                : new Checks(cluster, "Registry").Failed(
                    machine, code is "000" or "" ? $"{registry} does not respond, or its certificate is not trusted" : $"{registry} returned {code}",
                    "Create the registry again. Its images are kept.");
    }

    private KlCheck Clock(string machine, string? now, DateTimeOffset began, DateTimeOffset ended)
    {
        var check = new Checks(cluster, "Clock");
        if (!double.TryParse(now, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return check.Unknown(machine, "the time could not be read");
        var time = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        // It was read between the two.
        var difference = time < began ? began - time : time > ended ? time - ended : TimeSpan.Zero;
        return difference <= ClockTolerance ? check.Passed(machine, "it agrees with the clock of this computer within 1 s") : check.Warning(
            machine, $"it differs from the clock of this computer by {difference.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s",
            "Synchronize the clocks, for example with systemd-timesyncd or chrony.");
    }

    private KlCheck Disk(string machine, string? disk)
    {
        var check = new Checks(cluster, "Disk");
        if (disk?.Split(' ', 2) is not [var text, var path] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var used))
            return check.Unknown(machine, "the use of the disk could not be read");
        var message = $"{path} is {used} % full";
        return used >= Full ? check.Failed(machine, message, "Free disk space, or remove unused images with crictl rmi --prune.")
            : used >= AlmostFull ? check.Warning(machine, message, "Free disk space, or remove unused images with crictl rmi --prune.")
            : check.Passed(machine, message);
    }
}
