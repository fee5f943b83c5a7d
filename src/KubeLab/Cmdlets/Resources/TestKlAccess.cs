using System.Management.Automation;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Tests whether you are permitted to perform an action in a cluster.</summary>
/// <remarks>Does the same as kubectl auth can-i. The action is not performed. With -List, gets all permitted actions in a namespace.</remarks>
/// <example>Test one action
/// <code>Test-KlAccess create deployments -Namespace web</code></example>
/// <example>List all permitted actions
/// <code>Test-KlAccess -List</code></example>
[Cmdlet(VerbsDiagnostic.Test, "KlAccess", DefaultParameterSetName = One)]
[OutputType(typeof(bool), ParameterSetName = [One])]
[OutputType(typeof(KlAccessRule), ParameterSetName = [All])]
public sealed class TestKlAccess : KlCmdlet
{
    private const string One = "One";
    private const string All = "All";

    /// <summary>The verb, such as get, list, watch, create, update, patch or delete; * means all verbs.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = One)]
    [ArgumentCompleter(typeof(VerbCompleter))]
    public string Verb { get; set; } = "";

    /// <summary>The resource, such as pods, deploy, deployments.apps or pods/log; * means all resources.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = One)]
    [ArgumentCompleter(typeof(KindCompleter))]
    public string Resource { get; set; } = "";

    /// <summary>The name of one object. Default: all objects.</summary>
    [Parameter(Position = 2, ParameterSetName = One)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string? Name { get; set; }

    /// <summary>Lists all permitted actions.</summary>
    [Parameter(Mandatory = true, ParameterSetName = All)]
    public SwitchParameter List { get; set; }

    /// <summary>The namespace. Default: the context's namespace.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>Tests the action in all namespaces.</summary>
    [Parameter(ParameterSetName = One)]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the current context.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, verb, resource, name) = (Cluster, AllNamespaces ? "" : Namespace, Verb, Resource, Name);
        if (ParameterSetName == All)
            Start(cluster ?? "access", (_, stop) => Engine.Permissions.ListAsync(cluster, ns, stop));
        else
            Start(resource, (_, stop) => Engine.Permissions.TestAsync(cluster, ns, verb, resource, name, stop));
    }
}
