using System.Management.Automation;
using System.Text.Json.Nodes;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Base class of cmdlets that create a core object.</summary>
public abstract class ObjectCmdlet : KlCmdlet
{
    /// <summary>The name of the object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the current context.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>Applies the object and writes it.</summary>
    private protected void Apply(string kind, string? ns, JsonObject more)
    {
        var (cluster, name) = (Cluster, Name);
        if (!ShouldProcess($"{kind} {(ns is null ? "" : ns + "/")}{name}", "Apply"))
            return;
        var one = new JsonObject { ["apiVersion"] = "v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };
        foreach (var (field, value) in more)
            one[field] = value?.DeepClone();
        Start(name, async (events, stop) =>
        {
            await foreach (var outcome in Engine.Manifests.PublishAsync([new(name, one.ToJsonString())],
                new() { Cluster = cluster, Namespace = ns, Force = true }, events, stop))
            {
                if (outcome.Error is { } error)
                    Fail(name, error);
                else
                    Write(outcome.Result);
            }
        });
    }
}
