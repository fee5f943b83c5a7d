using System.Management.Automation;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Gets the port forwards of this session.</summary>
/// <remarks>Gets the port forwards that Start-KlPortForward started and that are still active.</remarks>
/// <example>Get all port forwards
/// <code>Get-KlPortForward</code></example>
[Cmdlet(VerbsCommon.Get, "KlPortForward")]
[OutputType(typeof(KlPortForward))]
public sealed class GetKlPortForward : PSCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing() => WriteObject(Engine.LabEngine.Shared.PortForwards.List(), enumerateCollection: true);
}
