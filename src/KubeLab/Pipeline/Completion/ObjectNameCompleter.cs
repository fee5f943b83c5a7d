using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes object names from the cluster of -Cluster and -Namespace. Returns nothing if the cluster does not respond in time.</summary>
public sealed class ObjectNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var (cluster, ns) = (fakeBoundParameters["Cluster"] as string, fakeBoundParameters["Namespace"] as string);
        var noun = commandName.Split("-Kl")[^1];
        wordToComplete = wordToComplete.Trim('\'', '"');
        // KIND/NAME
        if (wordToComplete.Split('/') is [var type, var start])
            return Matching(Engine.LabEngine.Shared.Names.ListAsync(type, cluster, ns), start, type + "/");
        if (parameterName == "Container")
            return Matching(Engine.LabEngine.Shared.ContainerNames.ListAsync(noun == "Deployment" ? noun : "Pod",
                Bound("Name") ?? Bound("ToPod") ?? Bound("FromPod"), cluster, ns), wordToComplete);
        var kind = parameterName == "Namespace" ? "Namespace" : noun switch
        {
            "Log" or "PodCommand" or "PortForward" or "Item" => Bound("Kind") ?? "Pod",
            "Resource" => Bound("Kind"),
            // Expose-KlService takes the name of a deployment.
            "Rollout" => "Deployment",
            "Database" => "StatefulSet",
            "Service" when !commandName.StartsWith("Get-", StringComparison.OrdinalIgnoreCase)
                && !commandName.StartsWith("Remove-", StringComparison.OrdinalIgnoreCase) => "Deployment",
            "Metric" => Bound("Kind") ?? "Node",
            _ => noun,
        };
        return Matching(Engine.LabEngine.Shared.Names.ListAsync(kind, cluster, ns), wordToComplete);

        string? Bound(string parameter) => fakeBoundParameters[parameter] is { } given ? LanguagePrimitives.ConvertTo<string[]>(given).FirstOrDefault() : null;
    }

    private static IEnumerable<CompletionResult> Matching(Task<IReadOnlyList<string>> names, string word, string before = "") =>
        Completions.Of(names.GetAwaiter().GetResult(), word, before);
}
