using System.Management.Automation;

namespace KubeLab.Cmdlets.Machines;

/// <summary>Removes prepared images of Docker machines.</summary>
/// <remarks>Machines that were created from an image are not affected.</remarks>
/// <example>Remove all prepared images
/// <code>Get-KlMachineImage | Remove-KlMachineImage</code></example>
[Cmdlet(VerbsCommon.Remove, "KlMachineImage", SupportsShouldProcess = true)]
public sealed class RemoveKlMachineImage : MachineImageCmdlet
{
    /// <summary>Names of images. Wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MachineImageCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var names = Name;
        Start(string.Join(", ", names), async (events, stop) =>
        {
            foreach (var (provider, image) in await FindAsync(names, events, stop))
                if (await AskAsync(() => ShouldProcess(image.Name, "Remove machine image"), stop))
                    await provider.RemoveImageAsync(image, events, stop);
        });
    }
}
