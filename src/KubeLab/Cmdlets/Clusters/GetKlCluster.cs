using System.Management.Automation;
using KubeLab.Engine.Kube.Config;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Clusters;

/// <summary>
/// <para type="synopsis">Gets the clusters made with KubeLab.</para>
/// <para type="description">They are found in your kubeconfig and at the providers of their machines, in any session.
/// A warning and the property Problems say what is down: nodes that are not Ready, services that do not run, and objects of kubeadm's that were deleted.
/// Initialize-KlCluster and Join-KlNode start and repair these. With -Context, all contexts of your kubeconfig.</para>
/// </summary>
/// <example>
/// <para>All clusters</para>
/// <code>Get-KlCluster</code>
/// </example>
/// <example>
/// <para>What is down</para>
/// <code>(Get-KlCluster kubernetes).Problems</code>
/// </example>
/// <example>
/// <para>Take up a pipeline that was cut yesterday</para>
/// <code>Get-KlCluster kubernetes | Join-KlNode | New-KlRegistry</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlCluster")]
[OutputType(typeof(KlCluster), typeof(KlContext))]
public sealed class GetKlCluster : KlCmdlet
{
    /// <summary><para type="description">Names, with wildcards. Default: all.</para></summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Cluster")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary><para type="description">Shows the contexts of your kubeconfig instead, whoever made them.</para></summary>
    [Parameter]
    public SwitchParameter Context { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var contexts = (bool)Context;
        foreach (var name in Name)
            Start(name, async (events, stop) =>
            {
                if (contexts)
                {
                    Write((await Kubeconfig.ContextsAsync(stop)).Where(context => NameCompletion.Matching(name)(context.Name)));
                    return;
                }
                var known = Engine.Clusters;
                var clusters = await known.ExamineAsync(await known.ListAsync(NameCompletion.Matching(name), events, stop), events, stop);
                if (clusters.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                    throw new KlException(ErrorIds.ClusterNotFound, KlErrorKind.NotFound, name, $"There is no cluster {name}.", "Get-KlCluster lists those there are.");
                Write(clusters);
            });
    }
}
