using System.Net;

namespace KubeLab.Engine.Images;

internal sealed partial class RegistryClient
{
    /// <summary>Takes a blob over from another repository of the same registry.</summary>
    /// <returns>False where the registry would not; it must be uploaded then.</returns>
    public async Task<bool> MountAsync(string repository, string digest, string from, CancellationToken stop)
    {
        using var answer = await SendAsync(() => new(HttpMethod.Post, $"{repository}/blobs/uploads/?mount={digest}&from={Uri.EscapeDataString(from)}"), stop);
        if (answer.StatusCode == HttpStatusCode.Created)
            return true;
        // Refused: the registry opened an upload instead, which nobody will use.
        if (answer.Headers.Location is not null)
            (await SendAsync(() => new(HttpMethod.Delete, answer.Headers.Location), stop, HttpStatusCode.NotFound)).Dispose();
        return false;
    }

    /// <summary>Uploads a blob; once more from its beginning where the connection drops, for docker-registry does not resume
    /// what was cut within a request (registry/handlers/blobupload.go: "upload resumed at wrong offset").</summary>
    /// <param name="repository">Where to.</param>
    /// <param name="blob">With its content.</param>
    /// <param name="sent">Told the bytes on their way so far; they can go back.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">RegistryDenied, RegistryUnreachable, RegistryFailed.</exception>
    public async Task UploadAsync(string repository, Blob blob, Action<long> sent, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await PutAsync(repository, blob, sent, stop);
                return;
            }
            catch (KlException error) when (error.ErrorId is ErrorIds.RegistryUnreachable or ErrorIds.RegistryBusy or ErrorIds.RegistryFailed && attempt < Attempts)
            {
                await PauseAsync(attempt, stop);
                // Where the answer alone was lost it is there.
                if (await HasBlobAsync(repository, blob.Digest, stop))
                    return;
            }
        }
    }

    private async Task PutAsync(string repository, Blob blob, Action<long> sent, CancellationToken stop)
    {
        using var begun = await SendAsync(() => new(HttpMethod.Post, $"{repository}/blobs/uploads/"), stop);
        var location = begun.Headers.Location is { } where ? new Uri(_http.BaseAddress!, where)
            : throw new KlException(ErrorIds.RegistryFailed, KlErrorKind.Failed, _registry.Address, $"The registry {_registry} began an upload without saying where.");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        var content = new BlobContent(blob, at =>
        {
            patience.CancelAfter(Patience);
            sent(at);
        });
        var target = new Uri($"{location}{(location.Query.Length > 0 ? '&' : '?')}digest={Uri.EscapeDataString(blob.Digest)}");
        (await OnceAsync(new(HttpMethod.Put, target) { Content = content }, stop, patience: patience)).Dispose();
    }

    /// <summary>A blob as the body of a request.</summary>
    private sealed class BlobContent : HttpContent
    {
        private readonly Blob _blob;
        private readonly Action<long> _sent;

        public BlobContent(Blob blob, Action<long> sent)
        {
            (_blob, _sent) = (blob, sent);
            Headers.ContentType = new("application/octet-stream");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var buffer = new byte[128 * 1024];
            for (long offset = 0; await _blob.ReadAsync(buffer, offset, cancellationToken) is > 0 and var count;)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                _sent(offset += count);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _blob.Size;
            return true;
        }
    }
}
