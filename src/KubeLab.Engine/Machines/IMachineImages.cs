using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines;

/// <summary>What prepares a machine for Kubernetes.</summary>
/// <param name="Recipe">Identifies the result.</param>
/// <param name="Version">The Kubernetes version that it installs.</param>
/// <param name="Script">The input for bash as root. It also removes what identifies the machine.</param>
public sealed record Preparation(string Recipe, string Version, string Script);

/// <summary>A provider that keeps prepared machines as images and creates later machines from them.</summary>
public interface IMachineImages
{
    /// <summary>Starts the preparation of an image for machines like this one, unless it exists, and does not wait for it.</summary>
    Task PrepareAsync(Machine machine, Preparation preparation, IProgress<LabEvent> events, CancellationToken stop);

    /// <summary>Lists the prepared images, the most recently used first.</summary>
    /// <exception cref="KlException">The errors of the provider.</exception>
    Task<IReadOnlyList<KlMachineImage>> ImagesAsync(IProgress<LabEvent> events, CancellationToken stop);

    /// <summary>Removes a prepared image. Machines that were created from it are not affected. Does nothing if it is absent.</summary>
    /// <exception cref="KlException">The errors of the provider.</exception>
    Task RemoveImageAsync(KlMachineImage image, IProgress<LabEvent> events, CancellationToken stop);
}
