using System.Net;
using KubeLab.Engine.Flow;

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
        (await SendAsync(() => new(HttpMethod.Delete, answer.Headers.Location), stop, HttpStatusCode.NotFound)).Dispose();
        return false;
    }

    /// <summary>Uploads a blob. Where the connection drops it goes on from what the registry has.</summary>
    /// <param name="repository">Where to.</param>
    /// <param name="blob">With its content.</param>
    /// <param name="sent">Told the bytes the registry has; they can go back.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">RegistryDenied, RegistryUnreachable, RegistryFailed.</exception>
    public async Task UploadAsync(string repository, Blob blob, Action<long> sent, CancellationToken stop)
    {
        var upload = await BeginAsync(repository, stop);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (upload.Offset < blob.Size)
                    upload = await PatchAsync(upload, blob, sent, stop);
                (await OnceAsync(new(HttpMethod.Put, WithDigest(upload.Location, blob.Digest)), stop)).Dispose();
                return;
            }
            catch (KlException error) when (error.ErrorId is "RegistryUnreachable" or "RegistryBusy" or "RegistryFailed" && attempt < Attempts)
            {
                await PauseAsync(attempt, stop);
                // After a lost answer the blob may be complete; after a refusal only a new upload can succeed.
                if (await HasBlobAsync(repository, blob.Digest, stop))
                    return;
                upload = error.ErrorId == "RegistryFailed" ? await BeginAsync(repository, stop) : await ResumeAsync(repository, upload, stop);
                sent(upload.Offset);
            }
        }
    }

    private async Task<Upload> BeginAsync(string repository, CancellationToken stop)
    {
        using var answer = await SendAsync(() => new(HttpMethod.Post, $"{repository}/blobs/uploads/"), stop);
        return new(Location(answer), 0);
    }

    private async Task<Upload> ResumeAsync(string repository, Upload upload, CancellationToken stop)
    {
        using var answer = await SendAsync(() => new(HttpMethod.Get, upload.Location), stop, HttpStatusCode.NotFound);
        // Range: 0-LAST; an empty upload is 0-0 too, and then one byte more or less would be wrong: begin again.
        return answer.IsSuccessStatusCode && answer.Headers.NonValidated.TryGetValues("Range", out var range)
            && long.TryParse(range.ToString().Split('-')[^1], out var last) && last > 0
            ? new(Location(answer), last + 1) : await BeginAsync(repository, stop);
    }

    private async Task<Upload> PatchAsync(Upload upload, Blob blob, Action<long> sent, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        var content = new BlobContent(blob, upload.Offset, at =>
        {
            patience.CancelAfter(Patience);
            sent(at);
        });
        using var answer = await OnceAsync(new(HttpMethod.Patch, upload.Location) { Content = content }, stop, patience: patience);
        return new(Location(answer), blob.Size);
    }

    private Uri Location(HttpResponseMessage answer) => new(_http.BaseAddress!, answer.Headers.Location
        ?? throw new KlException("RegistryFailed", KlErrorKind.Failed, _registry.Address, $"The registry {_registry} began an upload without saying where."));

    private static Uri WithDigest(Uri location, string digest) =>
        new($"{location}{(location.Query.Length > 0 ? '&' : '?')}digest={Uri.EscapeDataString(digest)}");

    private sealed record Upload(Uri Location, long Offset);

    /// <summary>A blob from an offset to its end as the body of a request.</summary>
    private sealed class BlobContent : HttpContent
    {
        private readonly Blob _blob;
        private readonly long _from;
        private readonly Action<long> _sent;

        public BlobContent(Blob blob, long from, Action<long> sent)
        {
            (_blob, _from, _sent) = (blob, from, sent);
            Headers.ContentType = new("application/octet-stream");
            Headers.ContentLength = blob.Size - from;
            // The specification wants START-END, without HTTP's unit.
            Headers.TryAddWithoutValidation("Content-Range", $"{from}-{blob.Size - 1}");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var buffer = new byte[128 * 1024];
            for (var offset = _from; await _blob.ReadAsync(buffer, offset, cancellationToken) is > 0 and var count;)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                _sent(offset += count);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _blob.Size - _from;
            return true;
        }
    }
}
