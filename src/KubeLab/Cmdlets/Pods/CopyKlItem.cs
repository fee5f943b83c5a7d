using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>
/// <para type="synopsis">Copies files and folders to or from pods.</para>
/// <para type="description">A folder that is there takes the item in, any other destination is its new name. It appears whole or not at all: a disk that fills
/// up is an error and leaves nothing half. The container needs tar, and sh to copy to it.</para>
/// <para type="description">A pod is not trusted: nothing outside of the destination is written, moved or removed. Links are copied as links. From a pod, a link
/// is copied only where it leads to another place in the copy; devices, named pipes and other links are skipped with a warning. Links below the destination are
/// not followed; a destination that is itself a link is. The bits setuid and setgid are not copied.</para>
/// </summary>
/// <example>
/// <para>To every pod of a deployment</para>
/// <code>Get-KlDeployment web | Get-KlPod | Copy-KlItem ./index.html /var/www/html</code>
/// </example>
/// <example>
/// <para>From a pod</para>
/// <code>Copy-KlItem /var/log/apache2 ./logs -FromPod web-0</code>
/// </example>
[Cmdlet(VerbsCommon.Copy, "KlItem", SupportsShouldProcess = true, DefaultParameterSetName = To)]
[OutputType(typeof(FileSystemInfo))]
public sealed class CopyKlItem : PodCmdlet
{
    private const string To = "ToPod";
    private const string From = "FromPod";

    /// <summary><para type="description">The file or folder.</para></summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Path { get; set; } = "";

    /// <summary><para type="description">Where to.</para></summary>
    [Parameter(Mandatory = true, Position = 1)]
    public string Destination { get; set; } = "";

    /// <summary><para type="description">The pods to copy to; or KIND/NAME: one of that object's.</para></summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = To)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] ToPod { get; set; } = [];

    /// <summary><para type="description">The pod to copy from, or KIND/NAME: one of that object's; the item that comes out is the local one.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = From)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string FromPod { get; set; } = "";

    /// <summary><para type="description">The container. Default: the only one.</para></summary>
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
        foreach (var pod in ToPod.Select(Full))
            if (ShouldProcess(pod, $"Copy {item} to {destination}"))
                Start(pod, (events, stop) => Engine.PodFiles.SendAsync(cluster, ns, pod, Container, item, destination, events, stop));
    }

    private static FileSystemInfo Item(string path) => Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
}
