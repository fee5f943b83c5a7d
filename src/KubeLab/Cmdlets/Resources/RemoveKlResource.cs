using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Removes an object of any kind.</summary>
/// <remarks>Waits until the object is deleted. If the time-out expires, the error names the finalizers that block the deletion. If the object does not
/// exist, nothing happens.</remarks>
/// <example>Remove an object
/// <code>Remove-KlResource cm settings -Namespace web</code></example>
/// <example>Remove the output of Get-KlResource
/// <code>Get-KlResource jobs -Field status.successful=1 | Remove-KlResource</code></example>
[Cmdlet(VerbsCommon.Remove, "KlResource", SupportsShouldProcess = true)]
public sealed class RemoveKlResource : ResourceCmdlet
{
    /// <summary>How dependents are deleted: after the object (Background), before it (Foreground), or not at all (Orphan). Default: Background.</summary>
    [Parameter]
    [ValidateSet("Background", "Foreground", "Orphan")]
    public string Cascade { get; set; } = "Background";

    /// <summary>The maximum time to wait for the deletion, such as 90s or 5m. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Returns without waiting for the deletion.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    private protected override void StartWork(ResourceId id)
    {
        var (cluster, cascade) = (Cluster, Cascade);
        TimeSpan? timeout = NoWait ? null : Timeout;
        if (ShouldProcess($"{id.Kind} {(id.Namespace is null ? "" : id.Namespace + "/")}{id.Name}", "Remove"))
            Start(id.Name, (events, stop) => Engine.Resources.RemoveAsync(cluster, id, cascade, timeout, events, stop));
    }
}
