using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Waits until an object of any kind meets a condition.</summary>
/// <remarks>Waits for a condition, for the value of a field, or for the deletion of the object. It fails as soon as this has become impossible: a pod has
/// terminated, a job has failed, a deployment has exceeded its progress deadline, or the object was deleted.</remarks>
/// <example>Wait for a condition
/// <code>Get-KlResource pods -Label app=web | Wait-KlResource -Condition Ready -Timeout 120</code></example>
/// <example>Wait for the value of a field
/// <code>Wait-KlResource pvc data -JsonPath '{.status.phase}=Bound'</code></example>
[Cmdlet(VerbsLifecycle.Wait, "KlResource", DefaultParameterSetName = "Condition")]
[OutputType(typeof(KlResource))]
public sealed class WaitKlResource : ResourceCmdlet
{
    /// <summary>A condition that must be True, or TYPE=STATUS.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Condition")]
    [ArgumentCompleter(typeof(ConditionCompleter))]
    public string Condition { get; set; } = "";

    /// <summary>PATH=VALUE, such as {.status.phase}=Bound, or a path that must have a value.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "JsonPath")]
    public string JsonPath { get; set; } = "";

    /// <summary>Waits for the deletion of the object.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Deleted")]
    public SwitchParameter Deleted { get; set; }

    /// <summary>The maximum time to wait, such as 90s or 5m. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    private protected override void StartWork(ResourceId id)
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
