using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Base class of cmdlets that drain a node.</summary>
public abstract class DrainCmdlet : NodeCmdlet
{
    /// <summary>Not supported. Prevents PowerShell from interpreting kubectl's -f (a file name) as -Force.</summary>
    [Parameter(DontShow = true)]
    [Alias("f")]
    public string? Filename
    {
        get; set => field = value is null ? null
        : throw new PSArgumentException($"-f {value}: a node cannot be specified by a file. Specify the node's name, and write -Force in full.");
    }

    /// <summary>The maximum time to wait until the pods are evicted, such as 90s or 5m. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);
}
