using System.Management.Automation;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Gets the faults that are active, by asking the machines.</summary>
/// <remarks>Also finds the faults that another session or another computer started. A machine that does not answer is reported as a warning.</remarks>
/// <example>List the active faults
/// <code>Get-KlFault</code></example>
[Cmdlet(VerbsCommon.Get, "KlFault")]
[OutputType(typeof(KlFault))]
public sealed class GetKlFault : FaultCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Start("faults", async (events, stop) =>
    {
        foreach (var fault in await Engine.Faults.ListAsync(IsAsked, events, stop))
            if (IsSelected(fault))
                Write(fault);
    });
}
