using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

/// <summary>Pushes an image to a registry. Missing layers are uploaded while docker save is still running.</summary>
internal sealed class ImagePush(
    string name, LocalImage image, BlobPush blobs, IProgress<LabEvent> events, CancellationToken stop) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly PushProgress _progress = new(name, image.Size, events);
    private readonly List<Task> _uploads = [];
    private readonly SavedImage _saved = new();

    /// <summary>Pushes the image.</summary>
    /// <returns>The manifest, which is not in the registry yet.</returns>
    /// <exception cref="KlException">ImageSaveFailed, and the errors of docker and the registry.</exception>
    public async Task<byte[]> RunAsync(IDocker docker)
    {
        var save = new DockerCommand("image", "save", image.Id)
        {
            ReadOutput = (tar, token) => _saved.ReadAsync(tar, digest => blobs.FindAsync(name, digest, token), StartUpload, token),
        };
        try
        {
            await docker.CheckAsync(name, save, _ended.Token);
            if (_saved.Problem is not null)
                throw new KlException(ErrorIds.ImageSaveFailed, KlErrorKind.Failed, name, $"The output of '{save}' could not be read: {_saved.Problem}");
            StartUpload(_saved.Settings);
            await Task.WhenAll(_uploads);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // A failed upload canceled the others. Throw its error.
            await Task.WhenAll(_uploads.Where(upload => upload.IsFaulted));
            throw;
        }
        return ImageManifest.Of(_saved);
    }

    /// <summary>Cancels running uploads, then releases the layers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_uploads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _saved.Dispose();
        _ended.Dispose();
    }

    private void StartUpload(Blob blob) => _uploads.Add(UploadAsync(blob));

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
