using System.Collections.Concurrent;
using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Images;

/// <summary>Collects all events.</summary>
internal sealed class Events : IProgress<LabEvent>
{
    public ConcurrentQueue<LabEvent> Seen { get; } = new();

    public void Report(LabEvent value) => Seen.Enqueue(value);
}
