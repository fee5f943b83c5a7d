using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>Sets the default cluster of cmdlets and kubectl.</summary>
/// <remarks>Does the same as kubectl config use-context. The rest of the kubeconfig is not changed.</remarks>
/// <example>Select a cluster that was created with KubeLab
/// <code>Get-KlCluster kubernetes | Select-KlCluster</code></example>
/// <example>Select any context of your kubeconfig
/// <code>
/// Get-KlCluster -Context
/// Select-KlCluster minikube</code></example>
[Cmdlet(VerbsCommon.Select, "KlCluster", SupportsShouldProcess = true)]
[OutputType(typeof(KlContext))]
public sealed class SelectKlCluster : KlCmdlet
{
    /// <summary>A KubeLab cluster or a kubeconfig context.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var name = Name;
        if (ShouldProcess(name, "Select as the current context"))
            Start(name, async (events, stop) =>
            {
                var (context, changed) = await Kubeconfig.UseAsync(name, Engine.Clock, stop);
                if (changed)
                    events.Changed(name, "selected as the current context");
                return context;
            });
    }
}
