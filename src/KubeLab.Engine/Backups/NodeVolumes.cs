using k8s.Models;
using KubeLab.Engine.Deployments;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Backups;

/// <summary>The volumes of a cluster in folders of its nodes.</summary>
/// <param name="api">The cluster.</param>
/// <param name="hosts">Opens machines.</param>
/// <param name="machines">The machines of the cluster.</param>
/// <param name="clock">The clock.</param>
internal sealed class NodeVolumes(KubeApi api, IHostPool hosts, IReadOnlyList<Machine> machines, TimeProvider clock)
{
    private const int Parallelism = 8;

    /// <summary>Lists the bound volumes: those whose data is to be saved, and NAMESPACE/CLAIM of the others.</summary>
    public async Task<(IReadOnlyList<BackupVolume> Included, IReadOnlyList<string> Others)> FindAsync(bool isIncluded, CancellationToken stop)
    {
        var (included, others) = (new List<BackupVolume>(), new List<string>());
        await foreach (var volume in api.ListAsync<V1PersistentVolume>(null, new KubeSelector(), stop))
        {
            if (volume.Spec.ClaimRef is not { } claim)
                continue;
            var one = new BackupVolume(claim.NamespaceProperty, claim.Name, Volumes.NodeOf(volume) ?? "");
            if (isIncluded && volume.Spec.HostPath?.Path == $"{Volumes.Root}/{one}" && machines.Any(machine => machine.Name == one.Node))
                included.Add(one);
            else
                others.Add($"{one}");
        }
        return ([.. included.OrderBy(one => one.FileName, StringComparer.Ordinal)], [.. others.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Stops the workloads that use the volumes, saves the data as tar archives, and starts the workloads again.</summary>
    /// <exception cref="KlException">WorkloadNotStopped, BackupFailed, and the errors of machines and the API server.</exception>
    public async Task SaveAsync(IReadOnlyList<BackupVolume> volumes, string folder, IProgress<LabEvent> events, CancellationToken stop)
    {
        var users = new VolumeUsers(api, clock);
        try
        {
            await users.StopAsync(volumes.Select(one => $"{one}").ToHashSet(), events, stop);
            await Fleet.AllAsync(volumes, async (volume, token) =>
            {
                await SaveAsync(volume, BackupArchive.PathOf(folder, volume.FileName), events, token);
                return volume;
            }, Parallelism, stop);
        }
        finally
        {
            await users.StartAsync(events);
        }
    }

    private async Task SaveAsync(BackupVolume volume, string path, IProgress<LabEvent> events, CancellationToken stop)
    {
        var machine = machines.First(one => one.Name == volume.Node);
        events.Step(volume.Node, $"Saving the volume {volume}");
        AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
        await using var file = AtomicFile.Open(path, FileMode.CreateNew);
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        var command = new HostCommand("tar", "--numeric-owner", "-C", $"{Volumes.Root}/{volume}", "-cf", "-", ".");
        var result = await host.PipeAsync(command, data => file.Write(data.Span), stop);
        if (result.ExitCode != 0)
            throw new KlException(ErrorIds.BackupFailed, KlErrorKind.Failed, volume.Node,
                $"The data of the volume {volume} could not be read on {machine}: {OutputTail.Of(result.Error.Trim())}",
                "Fix the cause, then run the same command again.");
    }
}
