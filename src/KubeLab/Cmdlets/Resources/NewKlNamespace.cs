using System.Management.Automation;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Creates a namespace.</summary>
/// <remarks>An existing namespace is not changed.</remarks>
/// <example>Create a namespace
/// <code>New-KlNamespace web</code></example>
[Cmdlet(VerbsCommon.New, "KlNamespace", SupportsShouldProcess = true)]
[OutputType(typeof(KlResource))]
public sealed class NewKlNamespace : ObjectCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Apply("Namespace", null, []);
}
