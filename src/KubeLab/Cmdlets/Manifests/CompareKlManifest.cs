using System.Management.Automation;
using KubeLab.Engine.Manifests;

namespace KubeLab.Cmdlets.Manifests;

/// <summary>
/// <para type="synopsis">Shows what applying manifests would change.</para>
/// <para type="description">Asks the server itself, by a dry run, so that its defaults are no differences. Writes nothing where all is as declared. The data of
/// Secrets are not shown.</para>
/// </summary>
/// <example>
/// <para>Field by field</para>
/// <code>Compare-KlManifest ./app</code>
/// </example>
[Cmdlet(VerbsData.Compare, "KlManifest", DefaultParameterSetName = "Path")]
[OutputType(typeof(KlFieldChange))]
public sealed class CompareKlManifest : ManifestCmdlet
{
    // Fields that others own are differences too.
    private protected override ManifestOptions Options => base.Options with { Force = true };

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Compare();
        base.EndProcessing();
    }
}
