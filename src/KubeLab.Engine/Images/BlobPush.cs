using System.Collections.Concurrent;

namespace KubeLab.Engine.Images;

/// <summary>Pushes blobs into the repositories of a registry. Each blob is uploaded at most once.</summary>
internal sealed class BlobPush(RegistryClient registry) : IDisposable
{
    private const int Parallel = 4;

    // Searching takes one request per repository, which can cost more than an upload.
    private const int SearchedRepositories = 16;

    private readonly SemaphoreSlim _slots = new(Parallel);
    private readonly ConcurrentDictionary<string, Task<string?>> _holders = new();

    /// <summary>Checks whether a repository has a blob, and mounts it from another repository if possible.</summary>
    public async Task<bool> FindAsync(string repository, string digest, CancellationToken stop)
    {
        if (await registry.HasBlobAsync(repository, digest, stop))
            return true;
        foreach (var other in (await registry.RepositoriesAsync(stop)).Where(other => other != repository).Take(SearchedRepositories))
            if (await registry.HasBlobAsync(other, digest, stop))
                return await registry.MountAsync(repository, digest, other, stop);
        return false;
    }

    /// <summary>Ensures that a repository has a blob.</summary>
    /// <param name="repository">The target repository.</param>
    /// <param name="blob">The blob with its content.</param>
    /// <param name="sent">Receives the number of bytes in the registry.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>True if it was uploaded.</returns>
    public async Task<bool> EnsureAsync(string repository, Blob blob, Action<long> sent, CancellationToken stop)
    {
        while (!await FindAsync(repository, blob.Digest, stop))
        {
            // Images that are published together share their base: one uploads it, the others mount it.
            var own = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var holder = _holders.GetOrAdd(blob.Digest, own.Task);
            if (holder == own.Task)
            {
                await UploadAsync(repository, blob, own, sent, stop);
                return true;
            }
            if (await holder.WaitAsync(stop) is { } from && (from == repository || await registry.MountAsync(repository, blob.Digest, from, stop)))
                break;
            _holders.TryRemove(new(blob.Digest, holder));
        }
        sent(blob.Size);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private async Task UploadAsync(string repository, Blob blob, TaskCompletionSource<string?> holder, Action<long> sent, CancellationToken stop)
    {
        string? uploaded = null;
        try
        {
            await _slots.WaitAsync(stop);
            try
            {
                await registry.UploadAsync(repository, blob, sent, stop);
                uploaded = repository;
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            if (uploaded is null)
                _holders.TryRemove(new(blob.Digest, holder.Task));
            holder.SetResult(uploaded);
        }
    }
}
