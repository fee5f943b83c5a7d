using KubeLab.Engine.Bootstrap;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes the names of built-in pod networks.</summary>
public sealed class PodNetworkCompleter : NameCompleter
{
    private protected override Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        Task.FromResult<IEnumerable<string?>>(PodNetworks.Names);
}
