using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeLab.Pipeline.Completion;

/// <summary>Completes names. A query that fails or takes too long completes nothing, because errors must not appear while a user types.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var request = new CompletionRequest(commandName, parameterName, wordToComplete.Trim('\'', '"'), fakeBoundParameters);
        var before = BeforeName(request.Word);
        return Completions.Query(Timeout, request.Word[before.Length..], before, stop => NamesAsync(request, stop));
    }

    /// <summary>The maximum time.</summary>
    private protected virtual TimeSpan Timeout => TimeSpan.FromSeconds(2);

    /// <summary>The part of the typed word that is not part of a name.</summary>
    private protected virtual string BeforeName(string word) => "";

    /// <summary>Returns the available names.</summary>
    private protected abstract Task<IEnumerable<string?>> NamesAsync(CompletionRequest request, CancellationToken stop);
}
