namespace KubeLab.Engine.Pods;

/// <summary>The logs and lines to read.</summary>
public sealed record LogQuery
{
    /// <summary>Whether to wait for new lines until the container terminates.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether to read the log of the previous run of the container.</summary>
    public bool Previous { get; init; }

    /// <summary>The maximum age of lines, or null for all lines.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>The number of lines at the end of the log, or null for all lines.</summary>
    public int? Tail { get; init; }

    /// <summary>The container, or null for the only one.</summary>
    public string? Container { get; init; }

    /// <summary>Whether to read the logs of all containers of each pod.</summary>
    public bool AllContainers { get; init; }
}
