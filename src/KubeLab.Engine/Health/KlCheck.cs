namespace KubeLab;

/// <summary>The result of a check.</summary>
public enum KlCheckStatus
{
    /// <summary>It works.</summary>
    Passed,

    /// <summary>It works, and soon may not.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It could not be checked.</summary>
    Unknown,
}

/// <summary>A part of a cluster that was checked.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Check">What was checked, such as Node or Dns.</param>
/// <param name="Target">The node, or the cluster.</param>
/// <param name="Status">The result.</param>
/// <param name="Message">What was found.</param>
/// <param name="NextStep">What to do if it does not work, or null.</param>
public sealed record KlCheck(string Cluster, string Check, string Target, KlCheckStatus Status, string Message, string? NextStep = null)
{
    /// <summary>CHECK TARGET: STATUS.</summary>
    public override string ToString() => $"{Check} {Target}: {Status}";
}
