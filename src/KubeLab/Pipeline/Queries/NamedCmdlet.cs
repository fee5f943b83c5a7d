using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>Base class of cmdlets that act on one namespaced object.</summary>
public abstract class NamedCmdlet : NamespacedCmdlet
{
    /// <summary>The name of the object, or KIND/NAME.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set => field = KindName.Of(Kind, value); } = "";

    /// <summary>The kind of the named object.</summary>
    private protected virtual string Kind => "Deployment";
}
