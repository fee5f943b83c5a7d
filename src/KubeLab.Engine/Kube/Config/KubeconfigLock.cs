using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>kubectl's lock of a kubeconfig: the file FILE.lock, which exists while FILE is changed.</summary>
/// <remarks>client-go tools/clientcmd: lockFile. kubectl creates an empty file, and does not wait for the lock. KubeLab writes "PROCESS HOST MARK" to it,
/// so that waiting processes can report the holder, and ignore the lock of a killed process.</remarks>
internal sealed class KubeconfigLock : IDisposable
{
    private static readonly TimeSpan HoldTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WarningDelay = TimeSpan.FromSeconds(1);

    // Programs hold the lock for a few milliseconds.
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly string _mark = $"{Environment.ProcessId} {Environment.MachineName} {Guid.NewGuid():N}\n";

    private KubeconfigLock(string path) => _path = path;

    /// <summary>Whether this process still holds the lock.</summary>
    public bool IsHeld => ReadState(_path)?.Content == _mark;

    /// <summary>Acquires the lock. Waits as long as the holder changes; fails if one holder keeps the lock until the timeout.</summary>
    /// <exception cref="KlException">KubeconfigLocked.</exception>
    public static async Task<KubeconfigLock> AcquireAsync(string path, TimeProvider clock, CancellationToken stop)
    {
        var taken = new KubeconfigLock(path);
        var (start, since, last, isReported) = (clock.GetTimestamp(), clock.GetTimestamp(), (LockState?)null, false);
        while (!taken.TryCreate())
        {
            stop.ThrowIfCancellationRequested();
            // Null: it was released in this moment.
            var seen = ReadState(path);
            if (seen?.IsStale(clock.GetUtcNow()) == true)
            {
                LabEvents.Current?.Detail(path, $"removing the stale lock of {seen.Holder}");
                RemoveStale(path, seen);
            }
            if (seen != last)
                (last, since) = (seen, clock.GetTimestamp());
            if (clock.GetElapsedTime(since) >= HoldTimeout)
                throw new KlException(ErrorIds.KubeconfigLocked, KlErrorKind.Failed, path,
                    $"The kubeconfig is locked: {seen?.Holder ?? "another program"} has held {path} for {HoldTimeout.TotalSeconds:0} s.",
                    seen?.ProcessId is null ? $"If no program is changing the kubeconfig, delete {path} and run the command again."
                    : "Wait until that process exits, or stop it. Then run the command again.");
            if (seen is not null && !isReported && clock.GetElapsedTime(start) >= WarningDelay)
            {
                isReported = true;
                LabEvents.Current?.Warning(path, $"the kubeconfig is locked by {seen.Holder}; waiting for up to {HoldTimeout.TotalSeconds:0} s");
            }
            // Random delays make the access fair.
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(5, 40)), clock, stop);
        }
        return taken;
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose()
    {
        if (IsHeld)
            File.Delete(_path);
    }

    private bool TryCreate()
    {
        try
        {
            using var file = AtomicFile.Open(_path, FileMode.CreateNew, FileShare.ReadWrite | FileShare.Delete);
            try
            {
                file.Write(Encoding.UTF8.GetBytes(_mark));
                file.Flush();
            }
            catch (IOException)
            {
                File.Delete(_path);
                throw;
            }
            return true;
        }
        catch (IOException error) when (IoError.AlreadyExists(error))
        {
            return false;
        }
    }

    // Other processes remove the same lock. If one of them has replaced it, the lock of this holder is put back.
    private static void RemoveStale(string path, LockState stale)
    {
        var removed = $"{path}-{Guid.NewGuid():N}";
        try
        {
            File.Move(path, removed);
            if (ReadState(removed) == stale)
                File.Delete(removed);
            else
                File.Move(removed, path);
        }
        catch (FileNotFoundException)
        {
            // It was released.
        }
        catch (IOException error) when (IoError.AlreadyExists(error))
        {
            // Another process took the lock in this moment. The holder notices it before it writes.
            File.Delete(removed);
        }
    }

    private static LockState? ReadState(string path)
    {
        try
        {
            if (UnusualKind(path) is { } kind)
                return new("", default, $"another program (with {kind} instead of a file)");
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[256];
            var length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            // The time of this file. The path may have another one by now.
            return new(Encoding.UTF8.GetString(content, 0, length), File.GetLastWriteTimeUtc(file.SafeFileHandle), null);
        }
        catch (Exception notFound) when (notFound is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            // kubectl creates the file with mode 0000.
            return File.Exists(path) ? new("", File.GetLastWriteTimeUtc(path), null) : null;
        }
        catch (IOException error) when (IoError.IsInUse(error))
        {
            return new("", default, LockHolder.Of(path));
        }
    }

    // A file cannot be created in the place of these either. Some of them cannot be opened, or never end.
    private static string? UnusualKind(string path) => new FileInfo(path).LinkTarget is not null ? "a symbolic link" : Directory.Exists(path) ? "a folder"
        : UnixFile.Of(path) is { IsRegular: false } ? "a device or pipe" : null;

    private sealed record LockState(string Content, DateTime Written, string? Locker)
    {
        public int? ProcessId => Content.Split(' ') is [var id, var host, _] && host == Environment.MachineName
            && int.TryParse(id, CultureInfo.InvariantCulture, out var process) ? process : null;

        public string Holder => Locker ?? (ProcessId is { } id ? LockHolder.Describe(id) : Content.Split(' ') is [var other, var host, _]
            ? $"process {other} on {host}" : "another program");

        public bool IsStale(DateTimeOffset now) => Locker is null && (ProcessId is { } id ? !IsAlive(id) : now - Written > StaleAfter);

        private bool IsAlive(int id)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                // A process that started after the lock was created only has the same ID.
                return !process.HasExited && !IsZombie(id) && process.StartTime.ToUniversalTime() < Written + TimeSpan.FromSeconds(5);
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }

        private static bool IsZombie(int id)
        {
            try
            {
                return OperatingSystem.IsLinux() && File.ReadAllText($"/proc/{id}/stat") is var stat && stat[(stat.LastIndexOf(')') + 2)..].StartsWith('Z');
            }
            catch (IOException)
            {
                return true;
            }
        }
    }
}
