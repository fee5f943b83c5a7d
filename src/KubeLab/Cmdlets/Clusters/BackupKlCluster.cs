using System.Management.Automation;
using System.Net;
using System.Security;
using KubeLab.Engine.Backups;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Saves a cluster in a file, from which Restore-KlCluster creates it again.</summary>
/// <remarks>The file contains a snapshot of etcd, which is checked by its hash and has all objects of the cluster including its secrets, and the keys of
/// its certificate authorities. Whoever has the file controls the cluster, so it has the mode 0600. With -Password it is encrypted, as
/// 'openssl enc -aes-256-cbc -pbkdf2 -iter 600000' does. The result lists the volumes whose data is included and those whose data is not. The images of
/// the registry are not included.</remarks>
/// <example>Save a cluster
/// <code>Get-KlCluster kubernetes | Backup-KlCluster -Path backups</code></example>
/// <example>Save a cluster with the data of its volumes in an encrypted file
/// <code>Backup-KlCluster kubernetes -Path backups -IncludeVolumes -Password (Read-Host -AsSecureString)</code></example>
/// <example>Decrypt a backup with OpenSSL
/// <code>openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -in backup.tar.gz.enc -out backup.tar.gz</code></example>
[Cmdlet(VerbsData.Backup, "KlCluster", DefaultParameterSetName = "Name", SupportsShouldProcess = true)]
[OutputType(typeof(KlBackup))]
public sealed class BackupKlCluster : SelectedClusterCmdlet
{
    /// <summary>The folder for the file. It is created if it does not exist. Default: the current folder.</summary>
    [Parameter]
    public string Path { get; set; } = ".";

    /// <summary>Saves the data of the volumes in folders of nodes too. The Deployments and StatefulSets that use them are scaled to 0 meanwhile.</summary>
    [Parameter]
    public SwitchParameter IncludeVolumes { get; set; }

    /// <summary>Encrypts the file with this password. Default: the file is not encrypted.</summary>
    [Parameter]
    public SecureString? Password { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var options = new BackupOptions(GetUnresolvedProviderPathFromPSPath(Path))
        {
            IncludesVolumes = IncludeVolumes, Password = Password is null ? null : new NetworkCredential("", Password).Password,
        };
        foreach (var cluster in Cluster)
            if (IsConfirmed(cluster))
                Start(cluster, async (events, stop) => Write(await Engine.Backups.BackupAsync(cluster, options, events, stop)));
        foreach (var name in Name)
            Start(name, async (events, stop) =>
            {
                foreach (var cluster in await FindAsync(name, events, stop))
                    if (await AskAsync(() => IsConfirmed(cluster), stop))
                        Write(await Engine.Backups.BackupAsync(cluster, options, events, stop));
            });

        bool IsConfirmed(KlCluster cluster) =>
            ShouldProcess($"{cluster}", $"{(options.IncludesVolumes ? "Stop the workloads with volumes, and save" : "Save")} the cluster in {options.Folder}");
    }
}
