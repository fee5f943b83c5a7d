using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Copies files and folders to or from pods.</summary>
/// <remarks><para>If the destination is an existing folder, the item is copied into it; otherwise the destination is the item's new name. An item is
/// copied completely or not at all. The container needs tar, and sh to copy to it.</para>
/// <para>Pods are not trusted: nothing outside the destination is written, moved or removed. Links are copied as links. From a pod, a link is copied only
/// if its target is inside the copy; devices, named pipes and other links are skipped with a warning. Links below the destination are not followed; a
/// destination that is itself a link is. The setuid and setgid bits are not copied.</para></remarks>
/// <example>Copy a file to every pod of a deployment
/// <code>Get-KlDeployment web | Get-KlPod | Copy-KlItem ./index.html /var/www/html</code></example>
/// <example>Copy a folder from a pod
/// <code>Copy-KlItem /var/log/apache2 ./logs -FromPod web-0</code></example>
[Cmdlet(VerbsCommon.Copy, "KlItem", SupportsShouldProcess = true, DefaultParameterSetName = To)]
[OutputType(typeof(FileSystemInfo))]
public sealed class CopyKlItem : PodCmdlet
{
    private const string To = "ToPod";
    private const string From = "FromPod";

    /// <summary>The file or folder to copy.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Path { get; set; } = "";

    /// <summary>The path to copy to.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public string Destination { get; set; } = "";

    /// <summary>The pods to copy to. KIND/NAME selects one pod of another object.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = To)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] ToPod { get; set; } = [];

    /// <summary>The pod to copy from. KIND/NAME selects one pod of another object. The output is the local item.</summary>
    [Parameter(Mandatory = true, ParameterSetName = From)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string FromPod { get; set; } = "";

    /// <summary>The container. Required if the pod has more than one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, path, destination) = (Cluster, Namespace, Path, Destination);
        if (ParameterSetName == From)
        {
            var local = GetUnresolvedProviderPathFromPSPath(destination);
            if (ShouldProcess(FromPod, $"Copy {path} to {local}"))
                Start(FromPod, async (events, stop) => Item(await Engine.PodFiles.ReceiveAsync(cluster, ns, FromPod, Container, path, local, events, stop)));
            return;
        }
        var item = GetUnresolvedProviderPathFromPSPath(path);
        foreach (var pod in ToPod.Select(Qualified))
            if (ShouldProcess(pod, $"Copy {item} to {destination}"))
                Start(pod, (events, stop) => Engine.PodFiles.SendAsync(cluster, ns, pod, Container, item, destination, events, stop));
    }

    private static FileSystemInfo Item(string path) => Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
}
