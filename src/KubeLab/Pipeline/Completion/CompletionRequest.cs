using System.Collections;
using System.Management.Automation;

namespace KubeLab.Pipeline.Completion;

/// <summary>What is completed.</summary>
/// <param name="Command">The name of the cmdlet.</param>
/// <param name="Parameter">The name of the parameter.</param>
/// <param name="Word">The typed word, without quotes.</param>
/// <param name="Parameters">The other parameters.</param>
internal sealed record CompletionRequest(string Command, string Parameter, string Word, IDictionary Parameters)
{
    /// <summary>The first value of another parameter, or null.</summary>
    public string? First(string parameter) =>
        Parameters[parameter] is { } given ? LanguagePrimitives.ConvertTo<string[]>(given).FirstOrDefault() : null;
}
