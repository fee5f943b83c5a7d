using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines;

/// <summary>Files that only their owner may read, written so that a reader sees all of one version or all of another.</summary>
internal static class PrivateFile
{
    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Makes a folder, and those above it, with mode 0700; one that is there is left as it is.</summary>
    /// <exception cref="KlException">FileNotWritable.</exception>
    public static void MakeFolder(string path)
    {
        try
        {
            AtomicFile.MakeFolder(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, error);
        }
    }

    /// <summary>Writes a file with mode 0600 beside its place and then moves it there.</summary>
    /// <exception cref="KlException">FileNotWritable: the file is as it was.</exception>
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

    /// <summary>Waits until no other process of this user holds the lock, and holds it until it is disposed; it ends with the process that holds it.</summary>
    /// <exception cref="KlException">FileLocked: the time is up. FileNotWritable: it cannot be had at all.</exception>
    public static async Task<IDisposable> LockAsync(string path, TimeProvider clock, CancellationToken stop, TimeSpan? patience = null)
    {
        var (start, limit, isSaid) = (clock.GetTimestamp(), patience ?? Patience, false);
        for (; ; await Task.Delay(Recheck, clock, stop))
        {
            try
            {
                // FileShare.None is an advisory lock on Unix; it has no blocking form in .NET.
                return AtomicFile.Open(path, FileMode.OpenOrCreate);
            }
            catch (IOException held) when (IoError.IsHeld(held))
            {
                var waited = clock.GetElapsedTime(start);
                if (waited >= limit)
                    throw new KlException(ErrorIds.FileLocked, KlErrorKind.Timeout, path, $"{path} is locked by {LockHolder.Of(path)}; it was waited for {limit.TotalSeconds:0} s.",
                        "Wait until it has ended, or end it, then run the command again.", held);
                if (!isSaid && waited >= Silence)
                {
                    isSaid = true;
                    LabEvents.Current?.Warning(path, $"waits for {LockHolder.Of(path)}, which has locked it, for {limit.TotalSeconds:0} s at most");
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw NotWritable(path, error);
            }
        }
    }

    private static KlException NotWritable(string path, Exception error) => new("FileNotWritable", error is UnauthorizedAccessException ? KlErrorKind.Denied : KlErrorKind.Failed, path,
        $"{path} cannot be written: {Cause.Said(error)}", "Correct that, then run the command again.", error);
}
