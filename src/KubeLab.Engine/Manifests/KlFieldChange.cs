namespace KubeLab;

/// <summary>A field that would change, were a manifest applied.</summary>
public sealed record KlFieldChange
{
    /// <summary>The object's kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The object's name.</summary>
    public required string Name { get; init; }

    /// <summary>The object's namespace, or null.</summary>
    public string? Namespace { get; init; }

    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>Created: the whole object is new; otherwise Changed.</summary>
    public required string Change { get; init; }

    /// <summary>As in spec.template.spec.containers[web].image; null where the object is new.</summary>
    public string? Field { get; init; }

    /// <summary>Its value now, or null: it has none. A Secret's data are not shown.</summary>
    public string? Before { get; init; }

    /// <summary>Its value then, or null: it would go. A Secret's data are not shown.</summary>
    public string? After { get; init; }

    /// <summary>The field.</summary>
    public override string ToString() => $"{Kind} {Name}{(Field is null ? "" : " " + Field)}";
}
