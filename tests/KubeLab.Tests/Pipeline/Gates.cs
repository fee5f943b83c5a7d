using System.Collections.Concurrent;

namespace KubeLab.Tests.Pipeline;

/// <summary>Named events on which cmdlets and scripts wait, so that tests do not depend on timing.</summary>
public sealed class Gates
{
    /// <summary>The maximum time that a test waits.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    /// <summary>Whether no gate has been used.</summary>
    public bool IsEmpty => _gates.IsEmpty;

    /// <summary>Completes when the gate is opened.</summary>
    public Task Of(string name) => Gate(name).Task;

    /// <summary>Opens the gate.</summary>
    public void Open(string name) => Gate(name).TrySetResult();

    private TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
