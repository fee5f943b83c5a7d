using System.Management.Automation;
using System.Text.Json.Nodes;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Resources;

/// <summary>What cmdlets that make a small object of the core take.</summary>
public abstract class ObjectCmdlet : KlCmdlet
{
    /// <summary><para type="description">The name.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the current context.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }

    /// <summary>Applies it, and writes it.</summary>
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
            await foreach (var outcome in Engine.Manifests.PublishAsync([new(name, one.ToJsonString())], new() { Cluster = cluster, Namespace = ns, Force = true }, events, stop))
            {
                if (outcome.Error is { } error)
                    Fail(name, error);
                else
                    Write(outcome.Result);
            }
        });
    }
}
