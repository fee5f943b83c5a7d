using k8s.Models;

namespace KubeLab.Engine.Pods;

/// <summary>The status columns of kubectl get pods (kubernetes pkg/printers/internalversion, printPod).</summary>
/// <param name="Word">The STATUS column.</param>
/// <param name="Ready">The number of ready containers.</param>
/// <param name="Containers">The number of containers, without init containers that terminate.</param>
/// <param name="Restarts">The RESTARTS column.</param>
internal sealed record PodStatus(string Word, int Ready, int Containers, int Restarts)
{
    public static PodStatus Of(V1Pod pod)
    {
        var status = pod.Status ?? new();
        var sidecars = (pod.Spec.InitContainers ?? []).Where(c => c.RestartPolicy == "Always").Select(c => c.Name).ToHashSet();
        var (word, ready, restarts, sidecarRestarts) = (First(status.Reason, status.Phase, "Unknown"), 0, 0, 0);
        if (Condition(status, "PodScheduled") is { Reason: "SchedulingGated" })
            word = "SchedulingGated";
        var initializing = false;
        foreach (var (i, init) in (status.InitContainerStatuses ?? []).Index())
        {
            restarts += init.RestartCount;
            if (sidecars.Contains(init.Name))
                sidecarRestarts += init.RestartCount;
            if (init.State?.Terminated is { ExitCode: 0 })
                continue;
            if (sidecars.Contains(init.Name) && init.Started == true)
            {
                ready += init.Ready ? 1 : 0;
                continue;
            }
            word = "Init:" + (init.State switch
            {
                { Terminated: { } ended } => ReasonOf(ended),
                { Waiting.Reason: { Length: > 0 } reason } when reason != "PodInitializing" => reason,
                _ => $"{i}/{pod.Spec.InitContainers?.Count ?? 0}",
            });
            initializing = true;
            break;
        }
        if (!initializing || Condition(status, "Initialized") is { Status: "True" })
        {
            restarts = sidecarRestarts;
            var running = false;
            foreach (var container in (status.ContainerStatuses ?? []).Reverse())
            {
                restarts += container.RestartCount;
                if (container.State?.Waiting is { Reason.Length: > 0 } waiting)
                    word = waiting.Reason;
                else if (container.State?.Terminated is { } ended)
                    word = ReasonOf(ended);
                else if (container is { Ready: true, State.Running: not null })
                {
                    running = true;
                    ready++;
                }
            }
            if (word == "Completed" && running)
                word = Condition(status, "Ready") is { Status: "True" } ? "Running" : "NotReady";
        }
        if (pod.Metadata.DeletionTimestamp is not null)
            word = status.Reason == "NodeLost" ? "Unknown" : status.Phase is "Failed" or "Succeeded" ? word : "Terminating";
        return new(word, ready, pod.Spec.Containers.Count + sidecars.Count, restarts);
    }

    internal static V1PodCondition? Condition(V1PodStatus? status, string type) => status?.Conditions?.FirstOrDefault(c => c.Type == type);

    private static string ReasonOf(V1ContainerStateTerminated ended) =>
        ended.Reason is { Length: > 0 } reason ? reason : ended.Signal is > 0 and var signal ? $"Signal:{signal}" : $"ExitCode:{ended.ExitCode}";

    private static string First(params string?[] words) => words.First(w => !string.IsNullOrEmpty(w))!;
}
