using System.Formats.Tar;
using System.Net;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Backups;

/// <summary>The options of a restore.</summary>
/// <param name="Path">The full path of the backup.</param>
public sealed record RestoreOptions(string Path)
{
    /// <summary>The password of the backup, or null.</summary>
    public string? Password { get; init; }

    /// <summary>The name of the cluster. Required if it differs from the lab of the machines.</summary>
    public string? Name { get; init; }
}

/// <summary>Restores clusters from backups.</summary>
/// <param name="kubeadm">Creates control planes.</param>
/// <param name="clusters">Finds clusters.</param>
/// <param name="hosts">Opens machines.</param>
public sealed class RestoreClient(Kubeadm kubeadm, ClusterInventory clusters, IHostPool hosts)
{
    private const int Parallelism = 16;
    private const string Folder = "/var/lib/kubelab/restore";

    /// <summary>Restores a cluster on machines that are not nodes: the first one becomes its control plane. The others can join it.</summary>
    /// <param name="machines">The machines.</param>
    /// <param name="options">The options.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="failed">Receives each machine that does not respond.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">BackupUnreadable, BackupPasswordMissing, BackupPasswordWrong, BackupDamaged, BackupOfOtherCluster, BackupVersionDiffers,
    /// ClusterRunning, MachineInUse, RestoreFailed, SubnetOverlaps, and the errors of <see cref="Kubeadm.InitializeAsync"/>.</exception>
    public async Task<KlCluster> RestoreAsync(
        IReadOnlyList<Machine> machines, RestoreOptions options, IProgress<LabEvent> events, Action<Machine, Exception> failed, CancellationToken stop)
    {
        var work = Directory.CreateTempSubdirectory("kubelab-restore-").FullName;
        try
        {
            events.Step(machines[0].Lab, "Checking the backup");
            var content = await BackupArchive.ReadAsync(options.Path, work, options.Password, stop);
            var nodes = machines.Where(machine => !machine.IsLoadBalancer).Order(MachineOrder.Natural).ToList();
            await CheckAsync(nodes, content, options, events, stop);
            await Fleet.AllAsync<IGrouping<string, BackupVolume>, string>([.. content.Volumes.GroupBy(volume => volume.Node)], async (volumes, token) =>
            {
                await RestoreVolumesAsync(volumes, nodes, work, events, token);
                return volumes.Key;
            }, Parallelism, stop);
            return await RestoreAsync(nodes, content, work, events, failed, stop);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task CheckAsync(
        List<Machine> machines, BackupContent content, RestoreOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        var name = options.Name ?? machines[0].Lab;
        if (name != content.Cluster)
            throw new KlException(ErrorIds.BackupOfOtherCluster, KlErrorKind.InvalidInput, name,
                $"{options.Path} is a backup of {content.Cluster}, not of {name}.",
                $"Specify another backup, or -Name {content.Cluster} to restore this cluster on these machines.");
        if (await clusters.FindAsync(name, events, stop) is { ReadyNodes: not null } running)
            throw new KlException(ErrorIds.ClusterRunning, KlErrorKind.Exists, name,
                $"{name} is running on {string.Join(", ", running.Machines.Select(machine => machine.Name))}.",
                "Remove the cluster from its machines first.");
        foreach (var (machine, facts) in await Fleet.AllAsync(
            machines, async (machine, token) => (machine, facts: await kubeadm.StateAsync(machine, events, token)), Parallelism, stop))
        {
            // An interrupted restore is continued.
            if (facts is { Cluster: not null, IsDone: true } || facts is { Cluster: null, HasKubelet: true } || (facts.Cluster ?? name) != name)
                throw new KlException(ErrorIds.MachineInUse, KlErrorKind.Exists, machine.Name,
                    $"{machine} is already a node of {facts.Cluster ?? "a cluster"}.", "Use other machines, or remove the cluster from its machines first.");
            if (facts.Kubeadm is { } version && MinorOf(version) != MinorOf(content.Version))
                throw new KlException(ErrorIds.BackupVersionDiffers, KlErrorKind.InvalidInput, machine.Name,
                    $"{machine} has Kubernetes {version}, and the backup is of Kubernetes {content.Version}.",
                    $"Install Kubernetes {MinorOf(content.Version)} on the machines.");
            Subnets.Check([IPNetwork.Parse(content.PodSubnet), IPNetwork.Parse(content.ServiceSubnet)], facts.Networks);
        }
    }

    private static string MinorOf(string version) => string.Join('.', version.Split('.').Take(2));

    private async Task RestoreVolumesAsync(
        IGrouping<string, BackupVolume> volumes, List<Machine> machines, string work, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (machines.FirstOrDefault(one => one.Name == volumes.Key) is not { } machine)
        {
            events.Warning(volumes.Key, $"it is not one of the machines, so these volumes were not restored: {string.Join(", ", volumes)}");
            return;
        }
        await using var host = hosts.Open(machine.Name, machine.Ssh);
        foreach (var volume in volumes)
        {
            events.Step(machine.Name, $"Restoring the volume {volume}");
            await using var data = File.OpenRead(BackupArchive.PathOf(work, volume.FileName));
            var kept = await host.CheckAsync(
                new HostCommand("bash", "-c", NodeScript.Read("volume.sh"), "volume.sh", volume.Namespace, volume.Claim) { InputStream = data }, stop);
            if (kept.Trim() is { Length: > 0 } folder)
                events.Warning(machine.Name, $"the data that the volume {volume} had before was kept in {folder}");
            events.Changed(machine.Name, $"restored the volume {volume}");
        }
    }

    private async Task<KlCluster> RestoreAsync(List<Machine> machines, BackupContent content, string work, IProgress<LabEvent> events,
        Action<Machine, Exception> failed, CancellationToken stop)
    {
        await using var host = hosts.Open(machines[0].Name, machines[0].Ssh);
        await UploadAsync(host, work, stop);
        try
        {
            return await kubeadm.InitializeAsync(machines, new(content.Cluster)
            {
                Endpoint = content.Endpoint,
                Restored = new(Folder, content.PodNetwork, IPNetwork.Parse(content.PodSubnet), IPNetwork.Parse(content.ServiceSubnet)),
            }, events, failed, stop);
        }
        finally
        {
            await host.RunAsync(new HostCommand("rm", "-rf", Folder), CancellationToken.None);
        }
    }

    private static async Task UploadAsync(IHost host, string work, CancellationToken stop)
    {
        var path = Path.Combine(work, "state.tar");
        await using (var file = AtomicFile.Open(path, FileMode.CreateNew))
        await using (var tar = new TarWriter(file))
            foreach (var name in (string[])[BackupContent.Snapshot, .. BackupContent.Authorities])
                await tar.WriteEntryAsync(BackupArchive.PathOf(work, name), name, stop);
        await using var input = File.OpenRead(path);
        const string Unpack = $"umask 077 && rm -rf {Folder} && mkdir -p {Folder} && tar --no-same-owner -C {Folder} -xf -";
        await host.CheckAsync(new HostCommand("bash", "-c", Unpack) { InputStream = input }, stop);
    }
}
