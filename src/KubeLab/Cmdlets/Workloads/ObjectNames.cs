using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeLab.Engine.Workloads;

namespace KubeLab.Cmdlets.Workloads;

/// <summary>Completes the names of what a cmdlet is about, from the cluster that -Cluster and -Namespace say; nothing where it does not answer at once.</summary>
public sealed class ObjectNames : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var kind = parameterName == "Namespace" ? "Namespace" : commandName.Split("-Kl")[^1] switch
        {
            // Expose-KlService takes a deployment.
            "Rollout" => "Deployment",
            "Service" when !commandName.StartsWith("Get-", StringComparison.OrdinalIgnoreCase) && !commandName.StartsWith("Remove-", StringComparison.OrdinalIgnoreCase) => "Deployment",
            "Metric" => fakeBoundParameters["Kind"] as string ?? "Node",
            var noun => noun,
        };
        return from name in KubeNames.ListAsync(kind, fakeBoundParameters["Cluster"] as string, fakeBoundParameters["Namespace"] as string).GetAwaiter().GetResult()
               where name.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(name);
    }
}
