using System.Collections;
using System.Management.Automation;
using KubeLab.Engine.Nodes;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>Sets or removes labels, annotations and taints of a node.</summary>
/// <remarks>Does the same as kubectl label, kubectl annotate and kubectl taint. Existing values are overwritten.</remarks>
/// <example>Set one label and remove another
/// <code>Set-KlNode kubernetes-2 -Label @{ disk = 'ssd'; old = $null }</code></example>
/// <example>Add a taint and remove it again
/// <code>
/// Get-KlNode kubernetes-2 | Set-KlNode -Taint dedicated=web:NoSchedule
/// Get-KlNode kubernetes-2 | Set-KlNode -Taint dedicated:NoSchedule-</code></example>
[Cmdlet(VerbsCommon.Set, "KlNode", SupportsShouldProcess = true)]
[OutputType(typeof(KlNode))]
public sealed class SetKlNode : NodeCmdlet
{
    // PowerShell's parameter binder needs the setters.
#pragma warning disable CA2227
    /// <summary>Labels: name = value. $null removes a label.</summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Label { get; set; }

    /// <summary>Annotations: name = value. $null removes an annotation.</summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Annotation { get; set; }
#pragma warning restore CA2227

    /// <summary>Taints in the syntax of kubectl taint: KEY=VALUE:EFFECT or KEY:EFFECT adds a taint, KEY:EFFECT- or KEY- removes it.</summary>
    [Parameter]
    public string[] Taint { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, name) = (Cluster, Name);
        var change = new NodeChange { Labels = HashtableText.OrNull(Label), Annotations = HashtableText.OrNull(Annotation), Taints = Taint };
        if (ShouldProcess(name, "Change the node"))
            Start(name, (events, stop) => Engine.Nodes.ChangeAsync(cluster, name, change, events, stop));
    }
}
