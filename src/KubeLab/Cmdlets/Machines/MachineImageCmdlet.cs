using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Cmdlets.Machines;

/// <summary>A cmdlet for prepared machine images.</summary>
public abstract class MachineImageCmdlet : KlCmdlet
{
    /// <summary>Finds the images whose names match. A name without wildcards that no image has is an error.</summary>
    private protected async Task<IEnumerable<(IMachineImages Provider, KlMachineImage Image)>> FindAsync(
        string[] names, IProgress<LabEvent> events, CancellationToken stop)
    {
        var all = await Engine.MachineImagesAsync(events, stop);
        foreach (var name in names.Where(name => !WildcardPattern.ContainsWildcardCharacters(name) && !all.Any(one => one.Image.Name == name)))
            Fail(name, new KlException(ErrorIds.ImageNotFound, KlErrorKind.NotFound, name, $"Machine image '{name}' was not found.",
                "Run Get-KlMachineImage to list machine images."));
        return all.Where(one => names.Any(name => NameCompletion.Matching(name)(one.Image.Name)));
    }
}
