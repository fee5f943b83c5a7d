using k8s.Models;

namespace KubeLab;

/// <summary>An event, as kubectl get events shows it.</summary>
public sealed record KlEvent
{
    /// <summary>Event, so that cmdlets for any kind know it.</summary>
    public string Kind { get; } = "Event";

    /// <summary>Its own name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it happened in.</summary>
    public required string Cluster { get; init; }

    /// <summary>When it happened last.</summary>
    public DateTime? LastTime { get; init; }

    /// <summary>Since then.</summary>
    public KubeAge? LastSeen { get; init; }

    /// <summary>Normal or Warning.</summary>
    public string? Type { get; init; }

    /// <summary>As in BackOff.</summary>
    public string? Reason { get; init; }

    /// <summary>What it is about, as in pod/web-1.</summary>
    public required string About { get; init; }

    /// <summary>What happened.</summary>
    public string? Message { get; init; }

    /// <summary>How often.</summary>
    public required int Count { get; init; }

    /// <summary>Who saw it, as in kubelet.</summary>
    public string? Source { get; init; }

    /// <summary>Added, Modified or Deleted, where it is watched.</summary>
    public string? Change { get; init; }

    /// <summary>All that the server said of it.</summary>
    public required Corev1Event Object { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static KlEvent From(Corev1Event seen, string cluster, DateTimeOffset now)
    {
        var last = seen.Series?.LastObservedTime ?? seen.LastTimestamp ?? seen.EventTime ?? seen.FirstTimestamp ?? seen.Metadata.CreationTimestamp;
        return new()
        {
            Name = seen.Metadata.Name,
            Namespace = seen.Metadata.NamespaceProperty,
            Cluster = cluster,
            LastTime = last,
            LastSeen = KubeAge.Since(last, now),
            Type = seen.Type,
            Reason = seen.Reason,
            About = $"{seen.InvolvedObject.Kind?.ToLowerInvariant()}/{seen.InvolvedObject.Name}",
            Message = seen.Message?.Trim(),
            Count = seen.Series?.Count ?? seen.Count ?? 1,
            Source = string.IsNullOrEmpty(seen.Source?.Component) ? seen.ReportingComponent : seen.Source.Component,
            Object = seen,
        };
    }
}
