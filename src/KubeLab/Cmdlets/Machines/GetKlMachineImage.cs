using System.Management.Automation;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Gets the prepared images of Docker machines.</summary>
/// <remarks>When Install-KlKubeadm installs packages, a container prepares an image of the same installation in the background. New-KlVm creates machines
/// from the most recently used image of the same base, on which Install-KlKubeadm finds Kubernetes installed. An image also contains the container images of
/// kubeadm and of the mirror's pod network, whose layers all machines share. It contains no keys, no machine ID and no logs. If the images are larger than
/// 8 GB together, New-KlVm removes the least recently used ones.</remarks>
/// <example>Show the prepared images
/// <code>Get-KlMachineImage</code></example>
[Cmdlet(VerbsCommon.Get, "KlMachineImage")]
[OutputType(typeof(KlMachineImage))]
public sealed class GetKlMachineImage : MachineImageCmdlet
{
    /// <summary>Names of images. Wildcards are permitted. Default: all images.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MachineImageCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var names = Name;
        Start("images", async (events, stop) => Write((await FindAsync(names, events, stop)).Select(one => one.Image)));
    }
}
