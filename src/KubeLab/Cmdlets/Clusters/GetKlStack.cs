using System.Management.Automation;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Gets the cloud stack of a cluster: applications, containers, virtual resources and cloud platform.</summary>
/// <remarks>Each row is a part of the stack with its version, how many of it are running, and what deployed it. For objects of the cluster, that is the
/// first field manager, such as kubelab, kubeadm or helm. Machines and cloud platform are known only for clusters that were created with KubeLab.</remarks>
/// <example>Show what a lab consists of
/// <code>Get-KlCluster kubernetes | Get-KlStack</code></example>
/// <example>Save it as a table
/// <code>Get-KlStack | Select-Object Layer, Component, Version, Count, DeployedBy | Export-Csv stack.csv</code></example>
[Cmdlet(VerbsCommon.Get, "KlStack")]
[OutputType(typeof(KlStackItem))]
public sealed class GetKlStack : KlCmdlet
{
    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the current context.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var cluster = Cluster;
        Start(cluster ?? "stack", (events, stop) => Engine.Stack.ListAsync(cluster, events, stop));
    }
}
