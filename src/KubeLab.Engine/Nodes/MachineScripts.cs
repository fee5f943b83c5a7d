using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Nodes;

/// <summary>Runs node scripts that need no API server.</summary>
internal sealed class MachineScripts(IHostPool hosts, TimeProvider clock)
{
    private static readonly Dictionary<string, NodeError> Known = new()
    {
        [ErrorIds.CertificateRenewalFailed] = new(KlErrorKind.Failed, "Fix the cause, then run the same command again."),
        [ErrorIds.ControlPlaneExpected] = new(KlErrorKind.InvalidInput, "Specify a control plane."),
        [ErrorIds.ContainersUnreadable] = new(KlErrorKind.Failed, "Start containerd on the machine, then run the same command again."),
    };

    /// <summary>Runs a script.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="script">Its name.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="errorId">The ErrorId if it fails without an error of its own.</param>
    /// <param name="limit">The maximum time, or null.</param>
    /// <param name="events">Receives progress.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <param name="lines">Receives each line that is not a marker, or null.</param>
    /// <returns>The facts.</returns>
    /// <exception cref="KlException">NodeMachineUnreachable, the error of the script, and the errors of <see cref="IHost.RunAsync"/>.</exception>
    public async Task<IReadOnlyDictionary<string, string>> RunAsync(Machine machine, string script, IReadOnlyDictionary<string, string?> parameters,
        string errorId, TimeSpan? limit, IProgress<LabEvent> events, CancellationToken stop, Action<string>? lines = null)
    {
        if (machine.State != "Running")
            throw Unreachable(machine, $"{machine} is {machine.State}.");
        using var timeout = new TimeLimit(limit ?? Timeout.InfiniteTimeSpan, clock, stop);
        try
        {
            await using var host = hosts.Open(machine.Name, machine.Ssh);
            return await NodeScript.RunAsync(host, script, parameters, Known, errorId, events, timeout.Token, lines);
        }
        catch (OperationCanceledException error) when (timeout.IsExpired)
        {
            throw Unreachable(machine, $"{machine} did not respond within {limit!.Value.TotalSeconds:0} s.", error);
        }
    }

    private static KlException Unreachable(Machine machine, string message, Exception? inner = null) =>
        new(ErrorIds.NodeMachineUnreachable, KlErrorKind.Unreachable, machine.Name, message, "Start the machine.", inner);
}
