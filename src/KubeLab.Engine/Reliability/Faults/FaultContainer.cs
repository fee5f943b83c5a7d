using System.Text.RegularExpressions;
using k8s.Models;
using KubeLab.Engine.Pods;

namespace KubeLab.Engine.Reliability.Faults;

/// <summary>Identifies a container for the machine on which it runs.</summary>
internal static partial class FaultContainer
{
    /// <summary>The identifier of a running container in containerd.</summary>
    /// <exception cref="KlException">FaultTargetGone, FaultUnsupported, ContainerNotFound, ContainerNotNamed.</exception>
    public static string IdOf(V1Pod pod, string? name)
    {
        var container = PodContainer.Of(pod, name);
        var id = pod.Status?.ContainerStatuses?.FirstOrDefault(one => one.Name == container.Container)?.ContainerID ?? "";
        return ContainerdForm().Match(id) is { Success: true } match ? match.Groups[1].Value
            : id.Length == 0 ? throw new KlException(ErrorIds.FaultTargetGone, KlErrorKind.NotFound, pod.Metadata.Name,
                $"The container {container.Container} of the pod {container.Namespace}/{container.Pod} is not running.", "Wait until it runs.")
            : throw new KlException(ErrorIds.FaultUnsupported, KlErrorKind.InvalidInput, pod.Metadata.Name,
                $"The pod {container.Namespace}/{container.Pod} runs on {id.Split(':')[0]}. Faults of containers require containerd.", "Choose another node.");
    }

    [GeneratedRegex("^containerd://([0-9a-f]{64})$")]
    private static partial Regex ContainerdForm();
}
