using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines.Docker;

public sealed partial class DockerProvider
{
    private static readonly HostCommand IsSystemRunning = new("systemctl", "is-system-running");

    /// <summary>Whether a machine is running and accepts the lab's key, so that nothing is left to do.</summary>
    private async Task<bool> IsReadyAsync(NodeContainer container, CancellationToken stop)
    {
        var machine = container.ToMachine(keys);
        if (!keys.HasKeys(machine.Lab, machine.Name))
            return false;
        try
        {
            await using var host = hosts.Open(machine.Name, machine.Ssh);
            var result = await host.RunAsync(IsSystemRunning, stop);
            return result.Output.Trim() is "running" or "degraded";
        }
        // A changed host key of a KubeLab container is not a boot in progress. The user must check it.
        catch (KlException error) when (error.ErrorId != ErrorIds.HostKeyChanged)
        {
            return false;
        }
    }

    /// <summary>Waits until the machine has booted, installs the lab's public key, reads the host key through the engine, and checks SSH.</summary>
    private async Task<Machine> AdmitAsync(DockerMachineSpec spec, NodeContainer container, IProgress<LabEvent> events, CancellationToken stop)
    {
        events.Step(spec.Name, "Waiting for the machine to boot");
        var admit = new DockerCommand("exec", container.Id, "kubelab-admit", await keys.PublicKeyAsync(spec.Lab, stop));
        var result = await docker.RunAsync(admit, stop);
        if (result.ExitCode != 0)
        {
            if (DockerCalls.Failure(spec.Name, admit, result) is { ErrorId: not ErrorIds.DockerFailed } known)
                throw known;
            var log = await docker.RunAsync(new("logs", "--tail", "20", container.Id), stop);
            var (errors, boot) = (OutputTail.Of(result.Error), OutputTail.Of(log.Output + log.Error));
            throw new KlException(ErrorIds.MachineNotUp, KlErrorKind.Failed, spec.Name,
                $"{spec.Name} did not boot. {errors}{(boot.Length > 0 ? $"\nThe end of the boot log:\n{boot}" : "")}",
                $"Run 'docker logs {spec.Name}' to see the complete boot log. Remove the machine before you recreate it with another image.");
        }
        if (result.Error.Trim() is { Length: > 0 } failed)
            events.Warning(spec.Name, $"the machine is running, but these units failed: {failed.ReplaceLineEndings("; ")}");
        await keys.StoreAsync(spec.Lab, spec.Name, result.Output.Trim(), stop);
        var machine = (container with { State = new("running") }).ToMachine(keys);
        await new Readiness(hosts, clock).WaitAsync(machine, TimeSpan.FromSeconds(30), events, stop);
        return machine;
    }
}
