using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Completes the verbs of the Kubernetes API (kubernetes.io/docs/reference/access-authn-authz/authorization).</summary>
public sealed class VerbCompleter : NameCompleter
{
    private protected override Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        Task.FromResult<IEnumerable<string?>>(
            ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind", "escalate", "impersonate"]);
}

/// <summary>Completes the conditions of built-in kinds.</summary>
public sealed class ConditionCompleter : NameCompleter
{
    private protected override Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        Task.FromResult<IEnumerable<string?>>(
            ["Ready", "Available", "Complete", "Failed", "Progressing", "ContainersReady", "Initialized", "PodScheduled", "Established", "NamesAccepted"]);
}
