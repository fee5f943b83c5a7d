using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Remote.Files;

namespace KubeLab.Engine.Pods;

/// <summary>Copies files and folders to and from pods.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class PodFiles(KubeSession kube)
{
    /// <summary>Copies a file or folder into a container.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="pod">The pod, or KIND/NAME for a pod of another object. Its container needs sh and tar.</param>
    /// <param name="container">The container, or null for the only one.</param>
    /// <param name="path">The local file or folder.</param>
    /// <param name="destination">The path in the container: an existing folder, or the new name of the item.</param>
    /// <param name="events">Receives a warning for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">CopyFailed, FileNotFound, PodNotFound, ContainerNotNamed, and the errors of KubeApi.</exception>
    public async Task SendAsync(string? cluster, string? ns, string pod, string? container, string path, string destination,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        path = FileCopy.Existing(path);
        using var api = kube.Open(cluster);
        await FileCopy.SendAsync(new Peer(api, await PodContainer.FindAsync(api, ns, pod, container, stop)), path, destination, events, stop);
    }

    /// <summary>Copies a file or folder from a container.</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="pod">The pod, or KIND/NAME for a pod of another object. Its container needs tar.</param>
    /// <param name="container">The container, or null for the only one.</param>
    /// <param name="path">The file or folder in the container.</param>
    /// <param name="destination">The local path: an existing folder, or the new name of the item. If this path is itself a link, it is followed.</param>
    /// <param name="events">Receives a warning for each skipped entry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The local path of the item.</returns>
    /// <exception cref="KlException">CopyFailed, PodNotFound, ContainerNotNamed, and the errors of KubeApi.</exception>
    public async Task<string> ReceiveAsync(string? cluster, string? ns, string pod, string? container, string path, string destination,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        return await ReceiveAsync(api, await PodContainer.FindAsync(api, ns, pod, container, stop), path, destination, events, stop);
    }

    internal static Task<string> ReceiveAsync(KubeApi api, PodContainer at, string path, string destination,
        IProgress<LabEvent> events, CancellationToken stop) => FileCopy.ReceiveAsync(new Peer(api, at), path, destination, events, stop);

    private sealed class Peer(KubeApi api, PodContainer at) : CopyPeer(at.Pod, $"{at.Namespace}/{at.Pod}, container {at.Container}")
    {
        public override string Kind => "container";

        // Its end cannot be sent.
        public override bool NeedsLength => true;

        public override Task<int> RunAsync(
            string[] command, Stream? input, Func<bool, ReadOnlyMemory<byte>, ValueTask> write, CancellationToken stop) =>
            PodCommands.RunAsync(api, at, command, input, write, stop);
    }
}
