using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>
/// <para type="synopsis">Gets the events of a cluster, newest last.</para>
/// <para type="description">Shows what kubectl get events shows. A cluster keeps them for an hour. The property Object holds all that the API server said.</para>
/// </summary>
/// <example>
/// <para>What went wrong lately, anywhere</para>
/// <code>Get-KlEvent -AllNamespaces -Type Warning</code>
/// </example>
/// <example>
/// <para>Of certain pods alone</para>
/// <code>Get-KlPod web* | Get-KlEvent</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlEvent")]
[OutputType(typeof(KlEvent))]
public sealed class GetKlEvent : KlCmdlet
{
    /// <summary><para type="description">What they are about: any object that a Get cmdlet found, or text of the form KIND/NAME. Default: anything.</para></summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject")]
    public PSObject? For { get; set; }

    /// <summary><para type="description">The namespace. Default: the object's, otherwise the context's.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">All namespaces.</para></summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary><para type="description">Those of one type alone.</para></summary>
    [Parameter]
    [ValidateSet("Normal", "Warning")]
    public string? Type { get; set; }

    /// <summary><para type="description">A field selector, as in reason=BackOff.</para></summary>
    [Parameter]
    public string[]? Field { get; set; }

    /// <summary><para type="description">Goes on with every event that comes, until Ctrl+C.</para></summary>
    [Parameter]
    [Alias("w")]
    public SwitchParameter Watch { get; set; }

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the object's cluster, otherwise the current context.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (given, piped, type, fields) = (For?.BaseObject, PipelineInput.Of(For), Type, HashtableText.Joined(Field));
        var (cluster, ns, everywhere, isWatch) = (Cluster ?? piped.Cluster, Namespace, (bool)AllNamespaces, (bool)Watch);
        Start(given ?? cluster ?? "events", async (_, stop) =>
        {
            var about = given switch
            {
                null => null,
                _ when piped.Cluster is not null => null,
                Machine or PSCustomObject when piped is { Kind: { } kind, Name: { } name } => new KubeSubject(kind, name, ns),
                _ => KubeSubject.Of(given),
            };
            var scope = new KubeScope(ns ?? about?.Namespace, everywhere || about?.IsClusterWide == true, Fields: fields, Watch: isWatch);
            await foreach (var one in Engine.Events.ListAsync(cluster ?? about?.Cluster, scope, about, stop))
                if (type is null || one.Type == type)
                    Write(WatchedObject.Shown(one, isWatch));
        });
    }
}
