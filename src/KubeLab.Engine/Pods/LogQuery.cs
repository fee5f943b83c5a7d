namespace KubeLab.Engine.Pods;

/// <summary>Which lines of which logs.</summary>
public sealed record LogQuery
{
    /// <summary>Goes on with what is written from now on, until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Of the container's run before this one.</summary>
    public bool Previous { get; init; }

    /// <summary>Not older than this, or null: from the beginning.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>How many of the last lines, or null: all.</summary>
    public int? Tail { get; init; }

    /// <summary>The container; null is the only one.</summary>
    public string? Container { get; init; }

    /// <summary>All containers of each pod instead.</summary>
    public bool AllContainers { get; init; }
}
