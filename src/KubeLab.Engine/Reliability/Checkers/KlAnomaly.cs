namespace KubeLab;

/// <summary>The answer to a question about a history.</summary>
public enum KlVerdict
{
    /// <summary>A counterexample was found.</summary>
    False,

    /// <summary>It holds for this history.</summary>
    True,

    /// <summary>It could not be decided within the limits.</summary>
    Unknown,
}

/// <summary>A counterexample: operations whose results cannot be explained together.</summary>
public sealed record KlAnomaly
{
    /// <summary>Its name, as in the literature: G0, G1a, G1b, G1c, G-single, G2-item, lost-update, stale-read, ...; with -process or -realtime if it depends
    /// on the order within a client or on time.</summary>
    public required string Name { get; init; }

    /// <summary>What cannot be, in one sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The operations involved, in the order of their calls.</summary>
    public required KlOperation[] Operations { get; init; }

    /// <summary>The name and the message.</summary>
    public override string ToString() => $"{Name}: {Message}";
}
