using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

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
public sealed class WaitKlResource : ResourceCmdlet
{
    /// <summary><para type="description">A condition that has to be True, or TYPE=STATUS.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "Condition")]
    public string Condition { get; set; } = "";

    /// <summary><para type="description">PATH=VALUE as in {.status.phase}=Bound, or a path that has to have a value.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "JsonPath")]
    public string JsonPath { get; set; } = "";

    /// <summary><para type="description">Until it is gone.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "Deleted")]
    public SwitchParameter Deleted { get; set; }

    /// <summary><para type="description">How long to wait, in seconds or as a TimeSpan. Default: 5 minutes.</para></summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    private protected override void Work(ResourceId id)
    {
        var (cluster, timeout) = (Cluster, Timeout);
        var goal = new ResourceGoal(Condition.Length > 0 ? Condition : null, JsonPath.Length > 0 ? JsonPath : null, Deleted);
        Start(id.Name, async (events, stop) =>
        {
            if (await Engine.Resources.WaitAsync(cluster, id, goal, timeout, events, stop) is { } ready)
                Write(ready);
        });
    }
}
