using System.Collections;
using System.Management.Automation;
using KubeLab.Engine.Nodes;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Nodes;

/// <summary>
/// <para type="synopsis">Puts labels, annotations and taints on a node, or takes them off.</para>
/// <para type="description">Does what kubectl label, annotate and taint do; a value that is there already is replaced.</para>
/// </summary>
/// <example>
/// <para>One label on, another off</para>
/// <code>Set-KlNode kubernetes-2 -Label @{ disk = 'ssd'; old = $null }</code>
/// </example>
/// <example>
/// <para>A taint on, and off again</para>
/// <code>Get-KlNode kubernetes-2 | Set-KlNode -Taint dedicated=web:NoSchedule
/// Get-KlNode kubernetes-2 | Set-KlNode -Taint dedicated:NoSchedule-</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "KlNode", SupportsShouldProcess = true)]
[OutputType(typeof(KlNode))]
public sealed class SetKlNode : NodeCmdlet
{
    // PowerShell's binder sets parameters.
#pragma warning disable CA2227
    /// <summary><para type="description">Labels: name = value; $null takes one off.</para></summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Label { get; set; }

    /// <summary><para type="description">Annotations: name = value; $null takes one off.</para></summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Annotation { get; set; }
#pragma warning restore CA2227

    /// <summary><para type="description">Taints as kubectl taint takes them: KEY=VALUE:EFFECT or KEY:EFFECT puts one, KEY:EFFECT- or KEY- takes it off.</para></summary>
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
