namespace KubeLab;

/// <summary>A field that would change if a manifest were applied.</summary>
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

    /// <summary>Created if the object is new; otherwise Changed.</summary>
    public required string Change { get; init; }

    /// <summary>For example spec.template.spec.containers[web].image. Null if the object is new.</summary>
    public string? Field { get; init; }

    /// <summary>The current value, or null if the field is not set. The data of a Secret is not shown.</summary>
    public string? Before { get; init; }

    /// <summary>The new value, or null if the field would be removed. The data of a Secret is not shown.</summary>
    public string? After { get; init; }

    /// <summary>The field.</summary>
    public override string ToString() => $"{Kind} {Name}{(Field is null ? "" : " " + Field)}";
}
