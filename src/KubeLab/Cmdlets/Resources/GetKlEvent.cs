using System.Management.Automation;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Gets the events of a cluster, newest last.</summary>
/// <remarks>Shows the same columns as kubectl get events. By default a cluster keeps events for one hour. The Object property contains the complete object
/// from the API server.</remarks>
/// <example>Get recent warnings in all namespaces
/// <code>Get-KlEvent -AllNamespaces -Type Warning</code></example>
/// <example>Get the events of some pods
/// <code>Get-KlPod web* | Get-KlEvent</code></example>
[Cmdlet(VerbsCommon.Get, "KlEvent")]
[OutputType(typeof(KlEvent))]
public sealed class GetKlEvent : KlCmdlet
{
    /// <summary>The object that the events are about: the output of a Get cmdlet, or a string KIND/NAME. Default: all objects.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject")]
    public PSObject? For { get; set; }

    /// <summary>The namespace. Default: the object's namespace, otherwise the context's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>Gets events in all namespaces.</summary>
    [Parameter]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary>Gets only events of this type.</summary>
    [Parameter]
    [ValidateSet("Normal", "Warning")]
    public string? Type { get; set; }

    /// <summary>A field selector, such as reason=BackOff.</summary>
    [Parameter]
    public string[]? Field { get; set; }

    /// <summary>Waits for new events until you press Ctrl+C.</summary>
    [Parameter]
    [Alias("w")]
    public SwitchParameter Watch { get; set; }

    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the object's cluster, otherwise the current context.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

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
