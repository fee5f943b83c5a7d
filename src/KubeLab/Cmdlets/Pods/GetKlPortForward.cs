using System.Management.Automation;

namespace KubeLab.Cmdlets.Pods;

/// <summary>
/// <para type="synopsis">Gets the ports of this computer that lead to pods.</para>
/// <para type="description">Those that Start-KlPortForward opened in this session and nothing has stopped.</para>
/// </summary>
/// <example>
/// <para>All</para>
/// <code>Get-KlPortForward</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlPortForward")]
[OutputType(typeof(KlPortForward))]
public sealed class GetKlPortForward : PSCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(Engine.LabEngine.Shared.PortForwards.List(), enumerateCollection: true);
}
