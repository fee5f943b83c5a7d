using System.Management.Automation;
using KubeLab.Engine.Workloads;

namespace KubeLab.Cmdlets.Workloads;

/// <summary>
/// <para type="synopsis">Removes an object of any kind.</para>
/// <para type="description">Waits until it is gone; where it is not in time, the error names the finalizers that hold it.</para>
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
public sealed class RemoveKlResource : NamespacedCmdlet
{
    /// <summary><para type="description">The kind, as in Deployment, deployments, deploy or deployments.apps.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(KindNames))]
    public string Kind { get; set; } = "";

    /// <summary><para type="description">The name. One that is not there is no error.</para></summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNames))]
    public string Name { get; set; } = "";

    /// <summary><para type="description">The API version whose kind it is, as in apps/v1. Default: the one the server prefers.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ApiVersion { get; set; }

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

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, cascade, id) = (Cluster, Cascade, new ResourceId(Kind, Name, string.IsNullOrEmpty(Namespace) ? null : Namespace, string.IsNullOrEmpty(ApiVersion) ? null : ApiVersion));
        TimeSpan? timeout = NoWait ? null : Timeout;
        if (ShouldProcess($"{Kind} {(string.IsNullOrEmpty(Namespace) ? "" : Namespace + "/")}{Name}", "Remove"))
            Start(Name, (events, stop) => Resources.RemoveAsync(cluster, id, cascade, timeout, events, stop));
    }
}
