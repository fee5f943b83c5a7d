using System.Management.Automation;
using KubeLab.Cmdlets.Machines;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Copies files and folders to or from pods and machines.</summary>
/// <remarks><para>If the destination is an existing folder, the item is copied into it; otherwise the destination is the item's new name. An item is
/// copied completely or not at all. The container or machine needs tar, and sh to copy to it. On machines, files are read and written as root.</para>
/// <para>Pods and machines are not trusted: nothing outside the destination is written, moved or removed. Links are copied as links. From a pod or machine,
/// a link is copied only if its target is inside the copy; devices, named pipes and other links are skipped with a warning. Links below the destination
/// are not followed; a destination that is itself a link is. The setuid and setgid bits are not copied.</para></remarks>
/// <example>Copy a file to every pod of a deployment
/// <code>Get-KlDeployment web | Get-KlPod | Copy-KlItem ./index.html /var/www/html</code></example>
/// <example>Copy a folder from a pod
/// <code>Copy-KlItem /var/log/apache2 ./logs -FromPod web-0</code></example>
/// <example>Copy a folder to all machines of a lab at once
/// <code>Get-KlVm kubernetes | Copy-KlItem ./tools /opt</code></example>
/// <example>Copy the log of a machine
/// <code>Copy-KlItem /var/log/cloud-init.log . -FromVm kubernetes-1</code></example>
[Cmdlet(VerbsCommon.Copy, "KlItem", SupportsShouldProcess = true, DefaultParameterSetName = ToMachines)]
[OutputType(typeof(FileSystemInfo))]
public sealed class CopyKlItem : PodCmdlet
{
    // A piped machine has a name too, which would bind to the pods if theirs were the default set.
    private const string To = "ToPod", From = "FromPod", ToMachine = "ToVm", ToMachines = "Vm", FromMachine = "FromVm";

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
    [Parameter(ParameterSetName = To)]
    [Parameter(ParameterSetName = From)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <summary>The names of the machines to copy to.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ToMachine)]
    [ArgumentCompleter(typeof(MachineCompleter))]
    public string[] ToVm { get; set; } = [];

    /// <summary>The machines to copy to.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ToMachines)]
    public Machine[] Vm { get; set; } = [];

    /// <summary>The name of the machine to copy from. The output is the local item.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FromMachine)]
    [ArgumentCompleter(typeof(MachineCompleter))]
    public string FromVm { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, container, path, destination) = (Cluster, Namespace, Container, Path, Destination);
        switch (ParameterSetName)
        {
            case From:
                Receive(FromPod, (local, events, stop) => Engine.PodFiles.ReceiveAsync(cluster, ns, FromPod, container, path, local, events, stop));
                break;
            case FromMachine:
                Receive(FromVm, async (local, events, stop) =>
                    await Engine.MachineFiles.ReceiveAsync(await Engine.MachineAsync(FromVm, stop), path, local, events, stop));
                break;
            case To:
                foreach (var pod in ToPod.Select(Qualified))
                    Send(pod, (item, events, stop) => Engine.PodFiles.SendAsync(cluster, ns, pod, container, item, destination, events, stop));
                break;
            case ToMachine:
                foreach (var name in ToVm)
                    Send(name, async (item, events, stop) =>
                        await Engine.MachineFiles.SendAsync(await Engine.MachineAsync(name, stop), item, destination, events, stop));
                break;
            default:
                foreach (var vm in Vm)
                    Send(vm.Name, (item, events, stop) => Engine.MachineFiles.SendAsync(vm, item, destination, events, stop));
                break;
        }
    }

    private void Send(string target, Func<string, IProgress<LabEvent>, CancellationToken, Task> send)
    {
        var item = GetUnresolvedProviderPathFromPSPath(Path);
        if (ShouldProcess(target, $"Copy {item} to {Destination}"))
            Start(target, (events, stop) => send(item, events, stop));
    }

    private void Receive(string source, Func<string, IProgress<LabEvent>, CancellationToken, Task<string>> receive)
    {
        var local = GetUnresolvedProviderPathFromPSPath(Destination);
        if (ShouldProcess(source, $"Copy {Path} to {local}"))
            Start(source, async (events, stop) => Item(await receive(local, events, stop)));
    }

    private static FileSystemInfo Item(string path) => Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
}
