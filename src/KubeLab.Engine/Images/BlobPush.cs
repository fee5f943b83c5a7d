using System.Collections.Concurrent;

namespace KubeLab.Engine.Images;

/// <summary>Brings blobs into repositories of one registry, each over the wire at most once.</summary>
internal sealed class BlobPush(RegistryClient registry) : IDisposable
{
    private const int Parallel = 4;

    // Looking for a layer costs a request a repository; an upload is not always dearer.
    private const int LookedInto = 16;

    private readonly SemaphoreSlim _wires = new(Parallel);
    private readonly ConcurrentDictionary<string, Task<string?>> _holders = new();

    /// <summary>Sees to it that a repository has a blob, if that takes no content.</summary>
    public async Task<bool> FindAsync(string repository, string digest, CancellationToken stop)
    {
        if (await registry.HasBlobAsync(repository, digest, stop))
            return true;
        foreach (var other in (await registry.RepositoriesAsync(stop)).Where(other => other != repository).Take(LookedInto))
            if (await registry.HasBlobAsync(other, digest, stop))
                return await registry.MountAsync(repository, digest, other, stop);
        return false;
    }

    /// <summary>Sees to it that a repository has a blob.</summary>
    /// <param name="repository">Where to.</param>
    /// <param name="blob">With its content.</param>
    /// <param name="sent">Told how many of its bytes are there.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>True if it was uploaded.</returns>
    public async Task<bool> EnsureAsync(string repository, Blob blob, Action<long> sent, CancellationToken stop)
    {
        while (!await FindAsync(repository, blob.Digest, stop))
        {
            // Images published together share their base: one uploads it, the others take it over from there.
            var mine = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var holder = _holders.GetOrAdd(blob.Digest, mine.Task);
            if (holder == mine.Task)
            {
                await UploadAsync(repository, blob, mine, sent, stop);
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
    public void Dispose() => _wires.Dispose();

    private async Task UploadAsync(string repository, Blob blob, TaskCompletionSource<string?> holder, Action<long> sent, CancellationToken stop)
    {
        string? uploaded = null;
        try
        {
            await _wires.WaitAsync(stop);
            try
            {
                await registry.UploadAsync(repository, blob, sent, stop);
                uploaded = repository;
            }
            finally
            {
                _wires.Release();
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
