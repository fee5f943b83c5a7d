using k8s.Models;

namespace KubeLab;

/// <summary>An event, as kubectl get events shows it.</summary>
public sealed record KlEvent : IKubeRecord
{
    /// <summary>The kind, for cmdlets that accept objects of any kind.</summary>
    public string Kind { get; } = "Event";

    /// <summary>Its own name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The cluster it happened in.</summary>
    public required string Cluster { get; init; }

    /// <summary>When it last occurred.</summary>
    public DateTime? LastTime { get; init; }

    /// <summary>Time since it last occurred.</summary>
    public KubeAge? LastSeen { get; init; }

    /// <summary>Normal or Warning.</summary>
    public string? Type { get; init; }

    /// <summary>The reason, such as BackOff.</summary>
    public string? Reason { get; init; }

    /// <summary>The involved object, such as pod/web-1.</summary>
    public required string About { get; init; }

    /// <summary>The message.</summary>
    public string? Message { get; init; }

    /// <summary>The number of occurrences.</summary>
    public required int Count { get; init; }

    /// <summary>The reporting component, such as kubelet.</summary>
    public string? Source { get; init; }

    /// <summary>Added, Modified or Deleted in a watch, otherwise null.</summary>
    public string? Change { get; init; }

    internal Corev1Event Object { get; init; } = new();

    object IKubeRecord.Object => Object;

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
