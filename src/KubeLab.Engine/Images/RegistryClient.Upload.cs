using System.Net;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

internal sealed partial class RegistryClient
{
    /// <summary>Mounts a blob from another repository of the same registry.</summary>
    /// <returns>False if the registry refused. The blob must then be uploaded.</returns>
    public async Task<bool> MountAsync(string repository, string digest, string from, CancellationToken stop)
    {
        using var response = await SendAsync(
            () => new(HttpMethod.Post, $"{repository}/blobs/uploads/?mount={digest}&from={Uri.EscapeDataString(from)}"), stop);
        if (response.StatusCode == HttpStatusCode.Created)
            return true;
        // The registry refused and started an upload, which is not needed.
        if (response.Headers.Location is not null)
            (await SendAsync(() => new(HttpMethod.Delete, response.Headers.Location), stop, HttpStatusCode.NotFound)).Dispose();
        return false;
    }

    /// <summary>Uploads a blob. If the connection is lost, the upload restarts from the beginning, because docker-registry cannot resume
    /// within a request (registry/handlers/blobupload.go: "upload resumed at wrong offset").</summary>
    /// <param name="repository">The target repository.</param>
    /// <param name="blob">The blob with its content.</param>
    /// <param name="sent">Receives the number of bytes sent, which can decrease after a retry.</param>
    /// <param name="stop">Cancels the operation.</param>
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
            catch (KlException error) when (
                error.ErrorId is ErrorIds.RegistryUnreachable or ErrorIds.RegistryBusy or ErrorIds.RegistryFailed && attempt < Attempts)
            {
                await PauseAsync(attempt, stop);
                // If only the response was lost, the blob is already in the registry.
                if (await HasBlobAsync(repository, blob.Digest, stop))
                    return;
            }
        }
    }

    private async Task PutAsync(string repository, Blob blob, Action<long> sent, CancellationToken stop)
    {
        using var started = await SendAsync(() => new(HttpMethod.Post, $"{repository}/blobs/uploads/"), stop);
        var location = started.Headers.Location is { } where ? new Uri(_http.BaseAddress!, where)
            : throw new KlException(
                ErrorIds.RegistryFailed, KlErrorKind.Failed, _registry.Address, $"The registry {_registry} started an upload without a Location header.");
        using var limit = new TimeLimit(IdleTimeout, _clock, stop);
        var content = new BlobContent(blob, at =>
        {
            limit.Restart(IdleTimeout);
            sent(at);
        });
        var target = new Uri($"{location}{(location.Query.Length > 0 ? '&' : '?')}digest={Uri.EscapeDataString(blob.Digest)}");
        (await SendOnceAsync(new(HttpMethod.Put, target) { Content = content }, limit)).Dispose();
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

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

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
