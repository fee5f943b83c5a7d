using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

/// <summary>One image on its way into a registry: what the registry lacks is uploaded while docker is still writing the rest.</summary>
internal sealed class ImagePush(string name, LocalImage image, BlobPush blobs, IProgress<LabEvent> events, CancellationToken stop) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly PushProgress _progress = new(name, image.Size, events);
    private readonly List<Task> _uploads = [];
    private readonly SavedImage _saved = new();

    /// <summary>Pushes it.</summary>
    /// <returns>Its manifest, which is not in the registry yet.</returns>
    /// <exception cref="KlException">ImageSaveFailed, and what docker and the registry throw.</exception>
    public async Task<byte[]> RunAsync(IDocker docker)
    {
        var save = new DockerCommand("image", "save", image.Id)
        {
            ReadOutput = (tar, token) => _saved.ReadAsync(tar, digest => blobs.FindAsync(name, digest, token), Begin, token),
        };
        try
        {
            await docker.CheckAsync(name, save, _ended.Token);
            if (_saved.Problem is not null)
                throw new KlException(ErrorIds.ImageSaveFailed, KlErrorKind.Failed, name, $"What '{save}' wrote cannot be read: {_saved.Problem}");
            Begin(_saved.Settings);
            await Task.WhenAll(_uploads);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The upload that failed stopped the others; it has the reason.
            await Task.WhenAll(_uploads.Where(upload => upload.IsFaulted));
            throw;
        }
        return ImageManifest.Of(_saved);
    }

    /// <summary>Ends what still runs, then lets go of the layers it reads.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_uploads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _saved.Dispose();
        _ended.Dispose();
    }

    private void Begin(Blob blob) => _uploads.Add(UploadAsync(blob));

    private async Task UploadAsync(Blob blob)
    {
        try
        {
            if (!blob.HasContent)
                _progress.Report(blob.Digest, blob.Size);
            else if (await blobs.EnsureAsync(name, blob, at => _progress.Report(blob.Digest, at), _ended.Token))
                events.Detail(name, $"uploaded {blob.Digest}, {blob.Size} bytes");
        }
        catch
        {
            await _ended.CancelAsync();
            throw;
        }
    }
}
