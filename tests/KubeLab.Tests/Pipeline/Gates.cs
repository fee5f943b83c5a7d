using System.Collections.Concurrent;

namespace KubeLab.Tests.Pipeline;

/// <summary>Events by name that works and scripts wait for, so that no test guesses at time.</summary>
public sealed class Gates
{
    /// <summary>A test that waits longer has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    /// <summary>Nothing was opened or waited for.</summary>
    public bool IsEmpty => _gates.IsEmpty;

    /// <summary>Ends when it is opened.</summary>
    public Task Of(string name) => Gate(name).Task;

    /// <summary>Opens it.</summary>
    public void Open(string name) => Gate(name).TrySetResult();

    private TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
