using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.Docker;

public sealed partial class DockerProvider : IMachineImages
{
    private readonly PreparedImages _images = new(docker, clock);

    /// <inheritdoc/>
    /// <remarks>A failure is a detail: machines can be created without prepared images.</remarks>
    public async Task PrepareAsync(Machine machine, Preparation preparation, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            if (machine.Image is { } image && await docker.FindAsync(machine.Name, new("container", "inspect", machine.Id), stop) is { } json)
                await _images.StartAsync(new(image), NodeProfile.Parse(NodeContainer.Parse(json)[0].Profile), preparation, events, stop);
        }
        catch (KlException error)
        {
            events.Detail(machine.Name, $"no machine image is prepared: {error.Message}");
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<KlMachineImage>> ImagesAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        await CollectAsync(isEnd: false, events, stop);
        return await _images.ListAsync(stop);
    }

    /// <inheritdoc/>
    public Task RemoveImageAsync(KlMachineImage image, IProgress<LabEvent> events, CancellationToken stop) => _images.RemoveAsync(image.Name, events, stop);

    // The prepared image for new machines, or null. A failure is a warning: the machines can be created without it.
    private async Task<string?> PreparedAsync(NodeImage image, string target, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            await CollectAsync(isEnd: false, events, stop);
            return await _images.ChooseAsync(image, events, stop);
        }
        catch (KlException error) when (error.Kind == KlErrorKind.Failed)
        {
            events.Warning(target, $"no prepared machine image is used: {error.Message}");
            return null;
        }
    }

    // After the last machine, nothing of KubeLab runs on the engine.
    private async Task EndPreparationAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            await CollectAsync(isEnd: true, events, stop);
        }
        catch (KlException error) when (error.Kind == KlErrorKind.Failed)
        {
            events.Detail(ProviderName, error.Message);
        }
    }

    // One process at a time, so that each container is committed once.
    private async Task CollectAsync(bool isEnd, IProgress<LabEvent> events, CancellationToken stop)
    {
        using var held = await keys.LockAsync(stop, ImageLock);
        await _images.CollectAsync(isEnd, events, stop);
    }
}
