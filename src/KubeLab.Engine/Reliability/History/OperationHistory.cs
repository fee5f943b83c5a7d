namespace KubeLab.Engine.Reliability.History;

/// <summary>The operations of a test.</summary>
/// <param name="Name">Its name, such as the name of its file.</param>
/// <param name="Operations">The operations, in the order of their calls.</param>
/// <param name="HasTimes">Whether starts and ends are nanoseconds. Otherwise they are positions.</param>
public sealed record OperationHistory(string Name, IReadOnlyList<KlOperation> Operations, bool HasTimes);
