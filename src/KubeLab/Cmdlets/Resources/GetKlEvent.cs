using System.Management.Automation;
using KubeLab.Engine.Resources;
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
public sealed class GetKlEvent : NamespacedLookup
{
    /// <summary>The object that the events are about: the output of a Get cmdlet, or a string KIND/NAME. Default: all objects.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject")]
    public PSObject? For { get; set; }

    /// <summary>Gets only events of this type.</summary>
    [Parameter]
    [ValidateSet("Normal", "Warning")]
    public string? Type { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (given, piped, type, asked) = (For?.BaseObject, PipelineInput.Of(For), Type, Scope);
        var (cluster, ns) = (Cluster ?? piped.Cluster, Namespace);
        Start(given ?? cluster ?? "events", async (_, stop) =>
        {
            var about = given switch
            {
                null => null,
                _ when piped.Cluster is not null => null,
                Machine or PSCustomObject when piped is { Kind: { } kind, Name: { } name } => new KubeSubject(kind, name, ns),
                _ => KubeSubject.Of(given),
            };
            var scope = asked with { Namespace = ns ?? about?.Namespace, AllNamespaces = asked.AllNamespaces || about?.IsClusterWide == true };
            await foreach (var one in Engine.Events.ListAsync(cluster ?? about?.Cluster, scope, about, stop))
                if (type is null || one.Type == type)
                    Write(WatchedObject.Shown(one, scope.Watch));
        });
    }
}
