using System.Management.Automation;
using KubeLab.Pipeline;

namespace KubeLab.Tests.Pipeline;

/// <summary>The output of a script by stream.</summary>
public sealed record ShellResult
{
    /// <summary>The output objects, unwrapped.</summary>
    public required IReadOnlyList<object?> Output { get; init; }

    /// <summary>The error stream, followed by a terminating error.</summary>
    public required IReadOnlyList<ErrorRecord> Errors { get; init; }

    /// <summary>The terminating error (-ErrorAction Stop, throw, a parameter binding error), or null.</summary>
    public required ErrorRecord? Ended { get; init; }

    /// <summary>The warning stream.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The verbose stream, which is always enabled.</summary>
    public required IReadOnlyList<string> Verbose { get; init; }

    /// <summary>The debug stream, which is always enabled.</summary>
    public required IReadOnlyList<string> Debug { get; init; }

    /// <summary>The information stream.</summary>
    public required IReadOnlyList<InformationRecord> Information { get; init; }

    /// <summary>The progress stream.</summary>
    public required IReadOnlyList<ProgressRecord> Progress { get; init; }

    /// <summary>The text on the host's screen.</summary>
    public required string Screen { get; init; }

    /// <summary>The stages that the cmdlets reported.</summary>
    public IReadOnlyList<Stage> Stages => [.. Information.Select(record => record.MessageData).OfType<Stage>()];

    /// <summary>The output objects, all of one type.</summary>
    public IReadOnlyList<T> As<T>() => [.. Output.Cast<T>()];

    /// <summary>The output objects. Asserts that there are no errors.</summary>
    public IReadOnlyList<T> Good<T>()
    {
        Assert.True(Errors.Count == 0, string.Join('\n', Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}")));
        return As<T>();
    }
}
