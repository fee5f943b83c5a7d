using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>What cmdlets take that are about one object of any kind.</summary>
public abstract class ResourceCmdlet : NamespacedCmdlet
{
    /// <summary><para type="description">The kind, as in Deployment, deployments, deploy or deployments.apps; or KIND/NAME.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(KindCompleter))]
    public string Kind { get; set; } = "";

    /// <summary><para type="description">The name, where it does not stand with the kind.</para></summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary><para type="description">The API version whose kind it is, as in apps/v1. Default: the one the server prefers.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? ApiVersion { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (kind, name) = Kind.Split('/', 2) is [var said, var alone] && Name.Length == 0 ? (said, alone) : (Kind, Name);
        if (kind.Length == 0 || name.Length == 0 || (kind + name).Contains('/', StringComparison.Ordinal))
            Fail(Kind, new KlException(ErrorIds.KindNameMissing, KlErrorKind.InvalidInput, Kind, $"'{$"{Kind} {Name}".Trim()}' does not name one object.", "Give a kind and a name, or KIND/NAME; pipe several objects."));
        else
            Work(new(kind, name, string.IsNullOrEmpty(Namespace) ? null : Namespace, string.IsNullOrEmpty(ApiVersion) ? null : ApiVersion));
    }

    /// <summary>Works on one object.</summary>
    private protected abstract void Work(ResourceId id);
}
