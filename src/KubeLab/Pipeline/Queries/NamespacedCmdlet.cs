using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>What all cmdlets take that are about objects of one namespace, which name it when they come down the pipeline.</summary>
public abstract class NamespacedCmdlet : KlCmdlet
{
    /// <summary><para type="description">The namespace. Default: the context's.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the current context.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }
}
