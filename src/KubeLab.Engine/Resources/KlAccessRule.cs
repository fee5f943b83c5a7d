namespace KubeLab;

/// <summary>What someone may do, as kubectl auth can-i --list shows it.</summary>
public sealed record KlAccessRule
{
    /// <summary>The cluster it holds in.</summary>
    public required string Cluster { get; init; }

    /// <summary>As in get, list; * is all.</summary>
    public required string[] Verbs { get; init; }

    /// <summary>As in pods, deployments.apps; * is all.</summary>
    public required string[] Resources { get; init; }

    /// <summary>Names it is limited to; none: any.</summary>
    public required string[] Names { get; init; }

    /// <summary>Paths that are no objects, as in /healthz.</summary>
    public required string[] Paths { get; init; }
}
