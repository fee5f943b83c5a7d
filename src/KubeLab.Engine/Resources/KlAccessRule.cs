namespace KubeLab;

/// <summary>A permission of a user, as kubectl auth can-i --list shows it.</summary>
public sealed record KlAccessRule
{
    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>Verbs, such as get and list; * means all.</summary>
    public required KlCollection<string> Verbs { get; init; }

    /// <summary>Resources, such as pods and deployments.apps; * means all.</summary>
    public required KlCollection<string> Resources { get; init; }

    /// <summary>The names of objects to which the rule applies; empty means all.</summary>
    public required KlCollection<string> Names { get; init; }

    /// <summary>Non-resource URLs, such as /healthz.</summary>
    public required KlCollection<string> Paths { get; init; }
}
