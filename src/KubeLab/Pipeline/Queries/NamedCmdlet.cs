using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>What all cmdlets take that are about one object of a namespace.</summary>
public abstract class NamedCmdlet : NamespacedCmdlet
{
    /// <summary><para type="description">Its name, or KIND/NAME.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set => field = KindName.Of(Kind, value); } = "";

    /// <summary>What it is that is named.</summary>
    private protected virtual string Kind => "Deployment";
}
