using System.Management.Automation;
using KubeLab.Pipeline;

namespace KubeLab.Tests.Pipeline;

/// <summary>What a text pipeline wrote, stream by stream.</summary>
public sealed record ShellResult
{
    /// <summary>The objects that came out, unwrapped.</summary>
    public required IReadOnlyList<object?> Output { get; init; }

    /// <summary>What went to the error stream, and last the error that ended the pipeline.</summary>
    public required IReadOnlyList<ErrorRecord> Errors { get; init; }

    /// <summary>The error that ended the pipeline (-ErrorAction Stop, throw, a parameter that does not bind), or null.</summary>
    public required ErrorRecord? Ended { get; init; }

    /// <summary>The warning stream.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The verbose stream, which is always on here.</summary>
    public required IReadOnlyList<string> Verbose { get; init; }

    /// <summary>The debug stream, which is always on here.</summary>
    public required IReadOnlyList<string> Debug { get; init; }

    /// <summary>The information stream.</summary>
    public required IReadOnlyList<InformationRecord> Information { get; init; }

    /// <summary>The progress stream.</summary>
    public required IReadOnlyList<ProgressRecord> Progress { get; init; }

    /// <summary>What the host showed.</summary>
    public required string Screen { get; init; }

    /// <summary>What the cmdlets said of themselves when they ended.</summary>
    public IReadOnlyList<Stage> Stages => [.. Information.Select(record => record.MessageData).OfType<Stage>()];

    /// <summary>The objects that came out, all of one type.</summary>
    public IReadOnlyList<T> As<T>() => [.. Output.Cast<T>()];

    /// <summary>The output, after the assertion that nothing failed.</summary>
    public IReadOnlyList<T> Good<T>()
    {
        Assert.True(Errors.Count == 0, string.Join('\n', Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}")));
        return As<T>();
    }
}
