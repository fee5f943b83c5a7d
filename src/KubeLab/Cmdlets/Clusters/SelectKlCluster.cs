using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>
/// <para type="synopsis">Makes a cluster the one that cmdlets and kubectl take where none is named.</para>
/// <para type="description">Does what kubectl config use-context does; all else in the kubeconfig stays as it is.</para>
/// </summary>
/// <example>
/// <para>A cluster made with KubeLab</para>
/// <code>Get-KlCluster kubernetes | Select-KlCluster</code>
/// </example>
/// <example>
/// <para>Any context of your kubeconfig</para>
/// <code>Get-KlCluster -Context
/// Select-KlCluster minikube</code>
/// </example>
[Cmdlet(VerbsCommon.Select, "KlCluster", SupportsShouldProcess = true)]
[OutputType(typeof(KlContext))]
public sealed class SelectKlCluster : KlCmdlet
{
    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var name = Name;
        if (ShouldProcess(name, "Make it the current context"))
            Start(name, async (events, stop) =>
            {
                var (context, changed) = await Kubeconfig.UseAsync(name, Engine.Clock, stop);
                if (changed)
                    events.Changed(name, "is the current context");
                return context;
            });
    }
}
