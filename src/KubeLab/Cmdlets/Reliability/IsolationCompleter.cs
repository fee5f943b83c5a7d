using KubeLab.Engine.Reliability.Checkers.Transactions;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Completes the names of isolation levels.</summary>
public sealed class IsolationCompleter : NameCompleter
{
    private protected override Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop) =>
        Task.FromResult<IEnumerable<string?>>(IsolationLevels.Names);
}
