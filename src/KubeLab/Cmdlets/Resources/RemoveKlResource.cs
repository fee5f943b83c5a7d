using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>
/// <para type="synopsis">Removes an object of any kind.</para>
/// <para type="description">One that is not there is not an error. Waits until it is gone; where it is not in time, the error names the finalizers that hold it.</para>
/// </summary>
/// <example>
/// <para>By name</para>
/// <code>Remove-KlResource cm settings -Namespace web</code>
/// </example>
/// <example>
/// <para>What Get-KlResource found</para>
/// <code>Get-KlResource jobs -Field status.successful=1 | Remove-KlResource</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "KlResource", SupportsShouldProcess = true)]
public sealed class RemoveKlResource : ResourceCmdlet
{
    /// <summary><para type="description">What becomes of what it owns: it goes after it (Background), before it (Foreground), or stays (Orphan).</para></summary>
    [Parameter]
    [ValidateSet("Background", "Foreground", "Orphan")]
    public string Cascade { get; set; } = "Background";

    /// <summary><para type="description">How long to wait until it is gone, in seconds or as a TimeSpan. Default: 5 minutes.</para></summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary><para type="description">Does not wait until it is gone.</para></summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    private protected override void Work(ResourceId id)
    {
        var (cluster, cascade) = (Cluster, Cascade);
        TimeSpan? timeout = NoWait ? null : Timeout;
        if (ShouldProcess($"{id.Kind} {(id.Namespace is null ? "" : id.Namespace + "/")}{id.Name}", "Remove"))
            Start(id.Name, (events, stop) => Engine.Resources.RemoveAsync(cluster, id, cascade, timeout, events, stop));
    }
}
