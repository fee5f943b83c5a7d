using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines;

/// <summary>Files that only their owner may read. Each write is atomic.</summary>
internal static class PrivateFile
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WarningDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Creates a folder and its parents with mode 0700. An existing folder is not changed.</summary>
    /// <exception cref="KlException">FileNotWritable.</exception>
    public static void CreateFolder(string path)
    {
        try
        {
            AtomicFile.CreateFolder(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, error);
        }
    }

    /// <summary>Writes a file with mode 0600 atomically, through a temporary file.</summary>
    /// <exception cref="KlException">FileNotWritable: the file was not changed.</exception>
    public static Task WriteAsync(string path, string content, CancellationToken stop) => Task.Run(() =>
    {
        try
        {
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(content));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, error);
        }
    }, stop);

    /// <summary>Waits for a lock among this user's processes, and holds it until disposed. It is released when the process exits.</summary>
    /// <exception cref="KlException">FileLocked: the timeout expired. FileNotWritable: the lock file cannot be created.</exception>
    public static async Task<IDisposable> LockAsync(string path, TimeProvider clock, CancellationToken stop, TimeSpan? timeout = null)
    {
        var (start, limit, isReported) = (clock.GetTimestamp(), timeout ?? DefaultTimeout, false);
        for (; ; await Task.Delay(PollInterval, clock, stop))
        {
            try
            {
                // On Unix, FileShare.None is an advisory lock. .NET offers no blocking variant.
                return AtomicFile.Open(path, FileMode.OpenOrCreate);
            }
            catch (IOException held) when (IoError.IsInUse(held))
            {
                var waited = clock.GetElapsedTime(start);
                if (waited >= limit)
                    throw new KlException(ErrorIds.FileLocked, KlErrorKind.Timeout, path,
                        $"{path} is still locked by {LockHolder.Of(path)} after {limit.TotalSeconds:0} s.",
                        "Wait until that process exits, or stop it. Then run the command again.", held);
                if (!isReported && waited >= WarningDelay)
                {
                    isReported = true;
                    LabEvents.Current?.Warning(path, $"the file is locked by {LockHolder.Of(path)}; waiting for up to {limit.TotalSeconds:0} s");
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw NotWritable(path, error);
            }
        }
    }

    private static KlException NotWritable(string path, Exception error) =>
        new(ErrorIds.FileNotWritable, error is UnauthorizedAccessException ? KlErrorKind.Denied : KlErrorKind.Failed, path,
            $"{path} cannot be written: {Cause.MessageOf(error)}", "Correct the problem, then run the command again.", error);
}
