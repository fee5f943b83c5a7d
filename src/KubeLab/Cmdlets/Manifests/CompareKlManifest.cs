using System.Management.Automation;
using KubeLab.Engine.Manifests;

namespace KubeLab.Cmdlets.Manifests;

/// <summary>Compares manifests with the objects in a cluster.</summary>
/// <remarks>Uses a server-side dry run, so default values are not differences. Writes nothing if the cluster matches the manifests. The data of Secrets
/// is not shown.</remarks>
/// <example>Show each field that differs
/// <code>Compare-KlManifest ./app</code></example>
[Cmdlet(VerbsData.Compare, "KlManifest", DefaultParameterSetName = "Path")]
[OutputType(typeof(KlFieldChange))]
public sealed class CompareKlManifest : ManifestCmdlet
{
    // Fields of other field managers are compared too.
    private protected override ManifestOptions Options => base.Options with { Force = true };

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Compare();
        base.EndProcessing();
    }
}
