using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines;

/// <summary>Waits until machines accept SSH connections.</summary>
/// <param name="hosts">Opens connections.</param>
/// <param name="clock">The clock.</param>
public sealed class Readiness(IHostPool hosts, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits until a machine runs a command over SSH.</summary>
    /// <exception cref="KlException">SshNotReady: the machine rejects connections permanently, for example after HostKeyChanged; SshTimeout.</exception>
    public async Task WaitAsync(Machine machine, TimeSpan limit, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(machine.Name, "Waiting for SSH");
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        await Wait.UntilAsync(
            async token =>
            {
                try
                {
                    await host.CheckAsync(new("true"), token);
                    return null;
                }
                catch (KlException error)
                {
                    return error;
                }
            },
            error => error is null ? Verdict.Ready : error.Kind == KlErrorKind.Unreachable ? Verdict.Pending(error.Message) : Verdict.Failed(error.Message),
            new(machine.Name, $"{machine.Name} to accept SSH at {machine.Ssh}", limit, Interval)
            {
                FailedId = ErrorIds.SshFailed, TimeoutId = ErrorIds.SshTimeout,
                NextStep = "Check that the machine is running and that no firewall or security group blocks the connection.",
            },
            clock, stop, reason => events.Detail(machine.Name, reason));
    }
}
