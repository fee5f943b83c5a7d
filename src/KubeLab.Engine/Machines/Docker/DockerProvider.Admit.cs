using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines.Docker;

public sealed partial class DockerProvider
{
    private static readonly HostCommand IsUp = new("systemctl", "is-system-running");

    /// <summary>Whether a machine is up and lets us in: nothing to do then.</summary>
    private async Task<bool> AnswersAsync(NodeContainer container, CancellationToken stop)
    {
        var machine = container.ToMachine(keys);
        if (!keys.Knows(machine.Lab, machine.Name))
            return false;
        try
        {
            await using var host = hosts.Open(machine.Name, machine.Ssh);
            var result = await host.RunAsync(IsUp, stop);
            return result.Output.Trim() is "running" or "degraded";
        }
        // Our own container with another host key than it had is no boot that is under way: somebody should look.
        catch (KlException error) when (error.ErrorId != ErrorIds.HostKeyChanged)
        {
            return false;
        }
    }

    /// <summary>Waits until the machine is up, puts the lab's key in, learns the host key over the engine, and sees that SSH answers.</summary>
    private async Task<Machine> AdmitAsync(MachineSpec spec, NodeContainer container, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(spec.Name, "waits until it is up");
        var admit = new DockerCommand("exec", container.Id, "kubelab-admit", await keys.PublicKeyAsync(spec.Lab, stop));
        var result = await docker.RunAsync(admit, stop);
        if (result.ExitCode != 0)
        {
            if (DockerCalls.Failure(spec.Name, admit, result) is { ErrorId: not ErrorIds.DockerFailed } known)
                throw known;
            var log = await docker.RunAsync(new("logs", "--tail", "20", container.Id), stop);
            var (said, boot) = (DockerCalls.Tail(result.Error, 20), DockerCalls.Tail(log.Output + log.Error, 20));
            throw new KlException(ErrorIds.MachineNotUp, KlErrorKind.Failed, spec.Name, $"{spec.Name} did not boot. {said}{(boot.Length > 0 ? $"\nThe end of its boot:\n{boot}" : "")}",
                $"'docker logs {spec.Name}' shows all of its boot. Remove the machine before you make it again with another image.");
        }
        if (result.Error.Trim() is { Length: > 0 } failed)
            events.Warning(spec.Name, $"is up, but these units failed: {failed.ReplaceLineEndings("; ")}");
        await keys.LearnAsync(spec.Lab, spec.Name, result.Output.Trim(), stop);
        var machine = (container with { State = new("running") }).ToMachine(keys);
        await new Readiness(hosts, clock).WaitAsync(machine, TimeSpan.FromSeconds(30), events, stop);
        return machine;
    }
}
