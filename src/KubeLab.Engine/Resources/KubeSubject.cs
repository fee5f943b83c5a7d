using k8s;
using k8s.Models;

namespace KubeLab.Engine.Resources;

/// <summary>The object that events are about.</summary>
/// <param name="Kind">The kind, such as Pod (case-insensitive), or null for any kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace; null if it is unknown or the kind is not namespaced.</param>
/// <param name="Cluster">Its cluster, if known.</param>
/// <param name="Uid">Its UID, if known. It excludes the events of a deleted object with the same name.</param>
public sealed record KubeSubject(string? Kind, string Name, string? Namespace = null, string? Cluster = null, string? Uid = null)
{
    /// <summary>Whether its events can be in any namespace.</summary>
    public bool IsClusterWide => string.Equals(Kind, "Node", StringComparison.OrdinalIgnoreCase) || Uid is not null && Namespace is null;

    /// <summary>Converts the output of a cmdlet, or a string KIND/NAME or NAME.</summary>
    /// <exception cref="KlException">InputInvalid.</exception>
    public static KubeSubject Of(object subject) => subject switch
    {
        IEventSubject one => one.Subject,
        string text when text.Split('/') is [var kind, var name] => new(kind, name),
        string name => new(null, name),
        _ => throw new KlException(ErrorIds.InputInvalid, KlErrorKind.InvalidInput, subject.ToString()!,
            $"Objects of type {subject.GetType().Name} have no events.", "Specify the output of a Get cmdlet, or KIND/NAME."),
    };

    /// <summary>Whether an event is about this object.</summary>
    internal bool Is(V1ObjectReference about) => about.Name == Name
        && (Kind is null || string.Equals(about.Kind, Kind, StringComparison.OrdinalIgnoreCase))
        && (Uid is null || about.Uid is null or "" || about.Uid == Uid);

    /// <summary>An object with its UID.</summary>
    internal static KubeSubject Of(IKubernetesObject<V1ObjectMeta> seen, string kind, string cluster) =>
        new(kind, seen.Metadata.Name, seen.Metadata.NamespaceProperty, cluster, seen.Metadata.Uid);
}
