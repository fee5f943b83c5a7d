using System.Management.Automation;
using KubeLab.Engine.Workloads;

namespace KubeLab.Cmdlets.Workloads;

/// <summary>
/// <para type="synopsis">Waits until an object of any kind is as wanted.</para>
/// <para type="description">By a condition, by a field's value or until it is gone. It fails as soon as it is clear that it never will be: a pod that has ended,
/// a job that failed, a deployment past its deadline, an object that was removed.</para>
/// </summary>
/// <example>
/// <para>A condition</para>
/// <code>Get-KlResource pods -Label app=web | Wait-KlResource -Condition Ready -Timeout 120</code>
/// </example>
/// <example>
/// <para>A field's value</para>
/// <code>Wait-KlResource pvc data -JsonPath '{.status.phase}=Bound'</code>
/// </example>
[Cmdlet(VerbsLifecycle.Wait, "KlResource", DefaultParameterSetName = "Condition")]
[OutputType(typeof(KlResource))]
public sealed class WaitKlResource : NamespacedCmdlet
{
    /// <summary><para type="description">The kind, as in Deployment, deployments, deploy or deployments.apps.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(KindNames))]
    public string Kind { get; set; } = "";

    /// <summary><para type="description">The name.</para></summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNames))]
    public string Name { get; set; } = "";

    /// <summary><para type="description">A condition that has to be True, or TYPE=STATUS.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "Condition")]
    public string Condition { get; set; } = "";

    /// <summary><para type="description">PATH=VALUE as in {.status.phase}=Bound, or a path that has to have a value.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "JsonPath")]
    public string JsonPath { get; set; } = "";

    /// <summary><para type="description">Until it is gone.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "Deleted")]
    public SwitchParameter Deleted { get; set; }

    /// <summary><para type="description">The API version whose kind it is, as in apps/v1. Default: the one the server prefers.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ApiVersion { get; set; }

    /// <summary><para type="description">How long to wait, in seconds or as a TimeSpan. Default: 5 minutes.</para></summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, timeout, id) = (Cluster, Timeout, new ResourceId(Kind, Name, string.IsNullOrEmpty(Namespace) ? null : Namespace, string.IsNullOrEmpty(ApiVersion) ? null : ApiVersion));
        var goal = new ResourceGoal(Condition.Length > 0 ? Condition : null, JsonPath.Length > 0 ? JsonPath : null, Deleted);
        Start(Name, async (events, stop) =>
        {
            if (await Resources.WaitAsync(cluster, id, goal, timeout, events, stop) is { } ready)
                Write(ready);
        });
    }
}
