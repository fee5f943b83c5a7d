using System.Collections.Concurrent;

namespace KubeLab.Tests.Pipeline;

/// <summary>Named events that work and scripts wait for, so that tests do not depend on timing.</summary>
public sealed class Gates
{
    /// <summary>The maximum time that a test waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    /// <summary>Resets all gates.</summary>
    public bool IsEmpty => _gates.IsEmpty;

    /// <summary>Completes when the gate is opened.</summary>
    public Task Of(string name) => Gate(name).Task;

    /// <summary>Opens it.</summary>
    public void Open(string name) => Gate(name).TrySetResult();

    private TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
