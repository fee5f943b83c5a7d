using System.Management.Automation;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Resources;

/// <summary>
/// <para type="synopsis">Says whether you may do something in a cluster.</para>
/// <para type="description">Does what kubectl auth can-i does: the API server is asked, nothing is tried. With -List, all that you may do in a namespace.</para>
/// </summary>
/// <example>
/// <para>One thing</para>
/// <code>Test-KlAccess create deployments -Namespace web</code>
/// </example>
/// <example>
/// <para>Everything</para>
/// <code>Test-KlAccess -List</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "KlAccess", DefaultParameterSetName = One)]
[OutputType(typeof(bool), ParameterSetName = [One])]
[OutputType(typeof(KlAccessRule), ParameterSetName = [All])]
public sealed class TestKlAccess : KlCmdlet
{
    private const string One = "One";
    private const string All = "All";

    /// <summary><para type="description">As in get, list, watch, create, update, patch, delete; * is all.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = One)]
    public string Verb { get; set; } = "";

    /// <summary><para type="description">As in pods, deploy, deployments.apps, pods/log; * is all.</para></summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = One)]
    public string Resource { get; set; } = "";

    /// <summary><para type="description">One object. Default: any.</para></summary>
    [Parameter(Position = 2, ParameterSetName = One)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string? Name { get; set; }

    /// <summary><para type="description">All that you may do.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = All)]
    public SwitchParameter List { get; set; }

    /// <summary><para type="description">The namespace. Default: the context's.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">In all namespaces.</para></summary>
    [Parameter(ParameterSetName = One)]
    [Alias("A")]
    public SwitchParameter AllNamespaces { get; set; }

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the current context.</para></summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }

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
