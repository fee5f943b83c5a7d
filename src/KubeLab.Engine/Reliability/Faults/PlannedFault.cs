namespace KubeLab.Engine.Reliability.Faults;

/// <summary>What a command asks for: a fault of an object.</summary>
/// <param name="Request">The fault, without the other group of a partition.</param>
/// <param name="Input">The object.</param>
public sealed record FaultOrder(FaultRequest Request, FaultInput Input)
{
    /// <summary>The objects of the other group of a partition, or null.</summary>
    public IReadOnlyList<FaultInput>? From { get; init; }

    /// <summary>Whether the object is a database, whose members are the two groups: less than half of them with the primary, and the others.</summary>
    public bool IsMinority { get; init; }
}

/// <summary>A fault of one target, checked and not started.</summary>
/// <param name="Request">The fault.</param>
/// <param name="Target">The target.</param>
public sealed record PlannedFault(FaultRequest Request, FaultTarget Target)
{
    /// <summary>The fault in words.</summary>
    public string Action => $"{Request.Kind}{(Request.Detail.Length > 0 ? $" ({Request.Detail})" : "")}"
        + (Request.Lasts ? $" for {Request.Duration.TotalSeconds:0.#} s" : "");
}
