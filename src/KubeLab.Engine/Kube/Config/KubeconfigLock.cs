using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>kubectl's lock of a kubeconfig: the file FILE.lock, made by who changes FILE and removed after.</summary>
/// <remarks>client-go tools/clientcmd: lockFile. kubectl leaves it empty, and does not wait for it. Ours holds "PROCESS HOST MARK", so that those who wait know
/// for whom, and that one whose process was killed stops nobody.</remarks>
internal sealed class KubeconfigLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    // Every program that honours it holds it for some milliseconds.
    private static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly string _mark = $"{Environment.ProcessId} {Environment.MachineName} {Guid.NewGuid():N}\n";

    private KubeconfigLock(string path) => _path = path;

    /// <summary>Whether nobody has taken it away.</summary>
    public bool IsHeld => Look(_path)?.Content == _mark;

    /// <summary>Waits until it is free. As long as it passes from one to the next, everyone gets a turn; one that stays with the same holder is an error.</summary>
    /// <exception cref="KlException">KubeconfigLocked.</exception>
    public static async Task<KubeconfigLock> TakeAsync(string path, TimeProvider clock, CancellationToken stop)
    {
        var mine = new KubeconfigLock(path);
        var (start, since, last, isSaid) = (clock.GetTimestamp(), clock.GetTimestamp(), (LockState?)null, false);
        while (!mine.TryMake())
        {
            stop.ThrowIfCancellationRequested();
            if (Look(path) is not { } seen)
                continue;
            if (seen.IsAbandoned(clock.GetUtcNow()))
            {
                LabEvents.Current?.Detail(path, $"removes the lock that {seen.Holder} left behind");
                File.Delete(path);
                continue;
            }
            if (seen != last)
                (last, since) = (seen, clock.GetTimestamp());
            if (clock.GetElapsedTime(since) >= Patience)
                throw new KlException(ErrorIds.KubeconfigLocked, KlErrorKind.Failed, path, $"The kubeconfig is locked: {seen.Holder} has held {path} for {Patience.TotalSeconds:0} s.",
                    seen.ProcessId is null ? $"If no program is changing the kubeconfig, delete {path} and run the command again." : "Wait until it has ended, or end it, then run the command again.");
            if (!isSaid && clock.GetElapsedTime(start) >= Silence)
            {
                isSaid = true;
                LabEvents.Current?.Warning(path, $"waits for {seen.Holder}, which has locked the kubeconfig, for {Patience.TotalSeconds:0} s at most");
            }
            // Those who wait look at different times, so that chance is fair.
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(5, 40)), clock, stop);
        }
        return mine;
    }

    /// <summary>Frees it.</summary>
    public void Dispose()
    {
        if (IsHeld)
            File.Delete(_path);
    }

    private bool TryMake()
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
        catch (IOException error) when (IoError.IsThere(error))
        {
            return false;
        }
    }

    private static LockState? Look(string path)
    {
        try
        {
            var written = File.GetLastWriteTimeUtc(path);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[256];
            return new(Encoding.UTF8.GetString(content, 0, file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)), written, null);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            // kubectl's has no mode at all.
            return File.Exists(path) ? new("", File.GetLastWriteTimeUtc(path), null) : null;
        }
        catch (IOException error) when (IoError.IsHeld(error))
        {
            return new("", default, LockHolder.Of(path));
        }
    }

    private sealed record LockState(string Content, DateTime Written, string? Locker)
    {
        public int? ProcessId => Content.Split(' ') is [var id, var host, _] && host == Environment.MachineName && int.TryParse(id, CultureInfo.InvariantCulture, out var process) ? process : null;

        public string Holder => Locker ?? (ProcessId is { } id ? LockHolder.Named(id) : Content.Split(' ') is [var other, var host, _] ? $"process {other} on {host}" : "another program");

        public bool IsAbandoned(DateTimeOffset now) => Locker is null && (ProcessId is { } id ? !IsAlive(id) : now - Written > Abandoned);

        private bool IsAlive(int id)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                // One that began after the lock was made only bears the number.
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
