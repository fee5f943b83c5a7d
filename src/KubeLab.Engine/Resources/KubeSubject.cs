using k8s;
using k8s.Models;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>An object that events are about.</summary>
/// <param name="Kind">As in Pod, whatever the case; null: any.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace; null where it lives in none, or it is not known.</param>
/// <param name="Cluster">Its cluster, where it is known.</param>
/// <param name="Uid">Its identity, where it is known: events of a namesake before it are not its own.</param>
public sealed record KubeSubject(string? Kind, string Name, string? Namespace = null, string? Cluster = null, string? Uid = null)
{
    /// <summary>Whether its events may be in any namespace.</summary>
    public bool IsClusterWide => string.Equals(Kind, "Node", StringComparison.OrdinalIgnoreCase) || Uid is not null && Namespace is null;

    /// <summary>An object that a cmdlet gave, or text of the form KIND/NAME or NAME.</summary>
    /// <exception cref="KlException">EventSubjectUnknown.</exception>
    public static KubeSubject Of(object subject) => subject switch
    {
        KlPod pod => Of(pod.Object, "Pod", pod.Cluster),
        KlDeployment deployment => Of(deployment.Object, "Deployment", deployment.Cluster),
        KlService service => Of(service.Object, "Service", service.Cluster),
        KlRollout rollout => Of(rollout.Object, "ReplicaSet", rollout.Cluster),
        // The kubelet writes the name where the identity belongs.
        KlNode node => new("Node", node.Name, null, node.Cluster),
        KlResource one => new(one.Kind, one.Name, one.Namespace, one.Cluster, one.Kind == "Node" ? null : new KubeObject(one.Source).Metadata.Uid),
        string text when text.Split('/') is [var kind, var name] => new(kind, name),
        string name => new(null, name),
        _ => throw new KlException(ErrorIds.EventSubjectUnknown, KlErrorKind.InvalidInput, subject.ToString()!, $"Events of {subject.GetType().Name} cannot be told.", "Give an object that a Get cmdlet found, or KIND/NAME."),
    };

    /// <summary>Whether an event is about it.</summary>
    internal bool Is(V1ObjectReference about) => about.Name == Name
        && (Kind is null || string.Equals(about.Kind, Kind, StringComparison.OrdinalIgnoreCase))
        && (Uid is null || about.Uid is null or "" || about.Uid == Uid);

    private static KubeSubject Of(IKubernetesObject<V1ObjectMeta> seen, string kind, string cluster) =>
        new(kind, seen.Metadata.Name, seen.Metadata.NamespaceProperty, cluster, seen.Metadata.Uid);
}
