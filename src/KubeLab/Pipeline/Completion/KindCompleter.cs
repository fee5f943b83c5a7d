namespace KubeLab.Pipeline.Completion;

/// <summary>Completes the kinds that the API server serves.</summary>
public sealed class KindCompleter : NameCompleter
{
    private protected override async Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        await Engine.LabEngine.Shared.Resources.KindsAsync(request.Parameters["Cluster"] as string, stop);
}
