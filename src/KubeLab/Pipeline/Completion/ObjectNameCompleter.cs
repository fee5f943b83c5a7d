using KubeLab.Engine;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes object names from the cluster of -Cluster and -Namespace.</summary>
public sealed class ObjectNameCompleter : NameCompleter
{
    // KIND/NAME
    private protected override string BeforeName(string word) => word.Split('/') is [var kind, _] ? kind + "/" : "";

    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop)
    {
        var (cluster, ns) = (request.Parameters["Cluster"] as string, request.Parameters["Namespace"] as string);
        var noun = request.Command.Split("-Kl")[^1];
        if (BeforeName(request.Word) is { Length: > 0 } before)
            return await LabEngine.Shared.Names.ListAsync(before[..^1], cluster, ns);
        if (request.Parameter == "Container")
            return await LabEngine.Shared.ContainerNames.ListAsync(noun == "Deployment" ? noun : "Pod",
                request.First("Name") ?? request.First("ToPod") ?? request.First("FromPod"), cluster, ns);
        return await LabEngine.Shared.Names.ListAsync(
            request.Parameter switch { "Namespace" => "Namespace", "Primary" => "Pod", _ => KindOf(noun, request) }, cluster, ns);
    }

    private static string? KindOf(string noun, CompletionRequest request) => noun switch
    {
        "Log" or "PodCommand" or "PortForward" or "Item" => request.First("Kind") ?? "Pod",
        "Resource" => request.First("Kind"),
        // Expose-KlService takes the name of a deployment.
        "Rollout" => "Deployment",
        "LoadBalancer" => "Service",
        "Access" => request.First("Resource"),
        "Database" => "StatefulSet",
        "Service" when !request.Command.StartsWith("Get-", StringComparison.OrdinalIgnoreCase)
            && !request.Command.StartsWith("Remove-", StringComparison.OrdinalIgnoreCase) => "Deployment",
        "Metric" => request.First("Kind") ?? "Node",
        _ => noun,
    };
}
