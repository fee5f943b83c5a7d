using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Base class of cmdlets that act on one object of any kind.</summary>
public abstract class ResourceCmdlet : NamespacedCmdlet
{
    /// <summary>The kind, such as Deployment, deployments, deploy or deployments.apps; or KIND/NAME.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(KindCompleter))]
    public string Kind { get; set; } = "";

    /// <summary>The name of the object. Omit it with KIND/NAME.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>The API version of the kind, such as apps/v1. Default: the version that the API server prefers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (kind, name) = Kind.Split('/', 2) is [var typedKind, var typedName] && Name.Length == 0 ? (typedKind, typedName) : (Kind, Name);
        if (kind.Length == 0 || name.Length == 0 || (kind + name).Contains('/', StringComparison.Ordinal))
            Fail(Kind, new KlException(ErrorIds.KindNameMissing, KlErrorKind.InvalidInput, Kind, $"'{$"{Kind} {Name}".Trim()}' does not name one object.",
                "Specify a kind and a name, or KIND/NAME. To specify several objects, pipe them."));
        else
            StartWork(new(kind, name, string.IsNullOrEmpty(Namespace) ? null : Namespace, string.IsNullOrEmpty(ApiVersion) ? null : ApiVersion));
    }

    /// <summary>Starts the work on one object.</summary>
    private protected abstract void StartWork(ResourceId id);
}
