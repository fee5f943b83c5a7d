using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Backups;

/// <summary>The options of a backup.</summary>
/// <param name="Folder">The full path of the folder for the file.</param>
public sealed record BackupOptions(string Folder)
{
    /// <summary>Encrypts the file. Null: it is not encrypted.</summary>
    public string? Password { get; init; }

    /// <summary>Stops the workloads that use volumes in folders of nodes, and saves their data.</summary>
    public bool IncludesVolumes { get; init; }
}

/// <summary>Saves clusters in files.</summary>
/// <param name="kube">Opens clusters.</param>
/// <param name="kubeadm">Reads the state of control planes.</param>
/// <param name="hosts">Opens machines.</param>
/// <param name="clock">The clock.</param>
public sealed class BackupClient(KubeSession kube, Kubeadm kubeadm, IHostPool hosts, TimeProvider clock)
{
    private const int HashLength = 32;
    private const int MaxAuthoritySize = 1 << 20;

    private static readonly Dictionary<string, NodeError> Errors = new()
    {
        [ErrorIds.AuthorityKeyMissing] = new(KlErrorKind.NotFound, "A cluster whose authorities sign elsewhere cannot be saved."),
        [ErrorIds.BackupFailed] = new(KlErrorKind.Failed, "Fix the cause, then run the same command again."),
        [ErrorIds.EtcdUnhealthy] = new(KlErrorKind.Failed, "Repair etcd, then run the same command again."),
    };

    /// <summary>Saves the objects, the certificate authorities and optionally the volumes of a cluster in a new file.</summary>
    /// <exception cref="KlException">BackupNotWritable, BackupFailed, ClusterNotInitialized, EtcdUnhealthy, AuthorityKeyMissing, WorkloadNotStopped,
    /// and the errors of machines and the API server.</exception>
    public async Task<KlBackup> BackupAsync(KlCluster cluster, BackupOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        var created = clock.GetUtcNow();
        var name = $"{cluster.Name}-{created.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}.tar.gz";
        var path = Path.Combine(options.Folder, options.Password is null ? name : name + ".enc");
        // Beside the file, so that it is renamed when it is complete.
        var work = path + ".incomplete";
        try
        {
            AtomicFile.CreateFolder(options.Folder);
            AtomicFile.CreateFolder(work);
            var content = await CollectAsync(cluster, options, created, work, events, stop);
            events.Step(cluster.Name, "Writing the backup");
            var complete = Path.Combine(work, "backup");
            await BackupArchive.WriteAsync(complete, content, work, options.Password, stop);
            var size = new FileInfo(complete).Length;
            File.Move(complete, path);
            events.Changed(cluster.Name, $"saved in {path}");
            return new()
            {
                Path = path, Cluster = content.Cluster, Version = content.Version, Created = created.UtcDateTime, Size = size,
                IsEncrypted = options.Password is not null, Volumes = [.. content.Volumes.Select(one => $"{one}")],
                VolumesNotIncluded = [.. content.VolumesNotIncluded],
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.BackupNotWritable, KlErrorKind.Failed, path, $"The backup {path} could not be written: {IoError.Describe(error)}",
                "Specify another folder with -Path.", error);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    private async Task<BackupContent> CollectAsync(
        KlCluster cluster, BackupOptions options, DateTimeOffset created, string work, IProgress<LabEvent> events, CancellationToken stop)
    {
        var control = cluster.ControlPlanes.FirstOrDefault(machine => machine.State == "Running") ?? cluster.ControlPlane;
        var facts = await kubeadm.StateAsync(control, events, stop);
        if (!facts.IsControlPlaneOf(cluster.Name)
            || facts is not { Kubeadm: { } version, PodNetwork: { } network, PodSubnet: { } pods, ServiceSubnet: { } services })
            throw new KlException(ErrorIds.ClusterNotInitialized, KlErrorKind.NotFound, cluster.Name,
                $"{control} is not a complete control plane of {cluster}.");
        using var api = kube.Open(cluster.Context);
        var volumes = new NodeVolumes(api, hosts, cluster.Machines, clock);
        var (included, others) = await volumes.FindAsync(options.IncludesVolumes, stop);
        // Before workloads are stopped, so that the snapshot contains their replicas.
        await SnapshotAsync(control, work, events, stop);
        if (included.Count > 0)
            await volumes.SaveAsync(included, work, events, stop);
        if (others.Count > 0)
            events.Warning(cluster.Name, $"the data of these volumes is not included: {string.Join(", ", others)}");
        var content = new BackupContent
        {
            Format = BackupContent.CurrentFormat, Cluster = cluster.Name, Version = version, Created = created, Endpoint = facts.Endpoint?.ToString(),
            PodNetwork = network, PodSubnet = pods, ServiceSubnet = $"{services}", Volumes = [.. included], VolumesNotIncluded = [.. others], Files = [],
        };
        var files = new List<BackupFile>();
        foreach (var file in (string[])[.. BackupContent.Authorities, BackupContent.Snapshot, .. included.Select(one => one.FileName)])
            files.Add(await BackupArchive.DescribeAsync(work, file, stop));
        return content with { Files = [.. files] };
    }

    private async Task SnapshotAsync(Machine control, string work, IProgress<LabEvent> events, CancellationToken stop)
    {
        var path = Path.Combine(work, "state.tar");
        await using var host = hosts.Open(control.Name, control.Ssh);
        await using (var file = AtomicFile.Open(path, FileMode.CreateNew))
            await NodeScript.ReadAsync(host, "backup", Errors, ErrorIds.BackupFailed, data => file.Write(data.Span), events, stop);
        try
        {
            await UnpackAsync(path, work, stop);
            await CheckSnapshotAsync(control, BackupArchive.PathOf(work, BackupContent.Snapshot), stop);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw Incomplete(control, error.Message, error);
        }
        File.Delete(path);
    }

    private static async Task UnpackAsync(string path, string work, CancellationToken stop)
    {
        await using var file = File.OpenRead(path);
        await using var tar = new TarReader(file);
        foreach (var name in (string[])[BackupContent.Snapshot, .. BackupContent.Authorities])
        {
            if (await tar.GetNextEntryAsync(cancellationToken: stop) is not { EntryType: TarEntryType.RegularFile, DataStream: { } data } entry
                || entry.Name != name || (name != BackupContent.Snapshot && entry.Length > MaxAuthoritySize))
                throw new InvalidDataException($"{name} is missing.");
            var target = BackupArchive.PathOf(work, name);
            AtomicFile.CreateFolder(Path.GetDirectoryName(target)!);
            await using var one = AtomicFile.Open(target, FileMode.CreateNew);
            await data.CopyToAsync(one, stop);
        }
    }

    // etcd appends the SHA-256 hash of a snapshot to it (etcd.io/docs/latest/op-guide/recovery).
    private static async Task CheckSnapshotAsync(Machine control, string path, CancellationToken stop)
    {
        await using var file = File.OpenRead(path);
        if (file.Length <= HashLength)
            throw Incomplete(control, "it is empty.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        for (var left = file.Length - HashLength; left > 0;)
        {
            var count = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), stop);
            hash.AppendData(buffer, 0, count);
            left -= count;
        }
        var expected = new byte[HashLength];
        await file.ReadExactlyAsync(expected, stop);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected))
            throw Incomplete(control, "its hash is wrong.");
    }

    private static KlException Incomplete(Machine control, string reason, Exception? inner = null) => new(
        ErrorIds.BackupFailed, KlErrorKind.Failed, control.Name, $"The snapshot of etcd from {control} is not complete: {reason}",
        "Run the same command again.", inner);
}
