using System.Management.Automation;

namespace KubeLab.Cmdlets.Resources;

/// <summary>
/// <para type="synopsis">Makes a namespace.</para>
/// <para type="description">One that is there already stays as it is.</para>
/// </summary>
/// <example>
/// <para>A namespace</para>
/// <code>New-KlNamespace web</code>
/// </example>
[Cmdlet(VerbsCommon.New, "KlNamespace", SupportsShouldProcess = true)]
[OutputType(typeof(KlResource))]
public sealed class NewKlNamespace : ObjectCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Apply("Namespace", null, []);
}
