using System.Management.Automation;
using System.Net;
using System.Security;
using KubeLab.Engine.Backups;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Creates a cluster from a backup, on machines that are not nodes.</summary>
/// <remarks>The first machine becomes the control plane, with the objects and certificate authorities of the backup. It can have another address than
/// the control plane that was saved. Pass the resulting cluster to Join-KlNode, which joins the other machines. The data of volumes is restored on the
/// machines that have the names of their nodes. Then New-KlRegistry creates the registry again, with its password, and Publish-KlImage its images.
/// Machines that belong to the cluster must be removed from it first, with Reset-KlCluster. An interrupted run is continued by the same command.
/// </remarks>
/// <example>Restore a cluster whose machines are lost
/// <code>New-KlVm kubernetes -Count 4 | Install-KlKubeadm | Restore-KlCluster -Path backup.tar.gz | Join-KlNode</code></example>
/// <example>Restore a cluster on its own machines
/// <code>Reset-KlCluster kubernetes | Restore-KlCluster -Path backup.tar.gz.enc -Password (Read-Host -AsSecureString) | Join-KlNode</code></example>
[Cmdlet(VerbsData.Restore, "KlCluster", SupportsShouldProcess = true)]
[OutputType(typeof(KlCluster))]
public sealed class RestoreKlCluster : KlCmdlet
{
    private readonly List<Machine> _machines = [];

    /// <summary>The machines. The first one by name becomes the control plane.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public Machine[] Vm { get; set; } = [];

    /// <summary>The file that Backup-KlCluster created.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Path { get; set; } = "";

    /// <summary>The password of the backup.</summary>
    [Parameter]
    public SecureString? Password { get; set; }

    /// <summary>The name of the cluster in the backup. Required if it is not the name of the machines' lab.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _machines.AddRange(Vm);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var options = new RestoreOptions(GetUnresolvedProviderPathFromPSPath(Path))
        {
            Password = Password is null ? null : new NetworkCredential("", Password).Password, Name = Name,
        };
        if (_machines.Count > 0 && ShouldProcess(string.Join(", ", _machines.Select(machine => machine.Name)), $"Restore the cluster in {options.Path}"))
            Start(Name ?? _machines[0].Lab, (events, stop) => Engine.Restores.RestoreAsync([.. _machines], options, events, Fail, stop));
        base.EndProcessing();
    }
}
