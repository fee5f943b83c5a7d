namespace KubeLab.Tests.Lab;

/// <summary>The test processes that use the offline lab at the same time. Each holds a lock on a file, which ends with the process.</summary>
/// <param name="folder">The folder of the files.</param>
internal sealed class LabUsers(string folder) : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(200);
    private readonly string _own = Path.Combine(folder, $"{Environment.ProcessId}.user");
    private FileStream? _registration;

    /// <summary>Whether another process uses the lab.</summary>
    public bool HasOthers => Directory.GetFiles(folder, "*.user").Any(file => file != _own && IsLocked(file));

    /// <summary>Registers this process.</summary>
    public void Add() => _registration = TryLock(_own);

    /// <summary>Waits until no other process starts or stops the lab. Until the result is disposed, the others wait.</summary>
    public async Task<IDisposable> LockAsync()
    {
        while (true)
        {
            if (TryLock(Path.Combine(folder, "lock")) is { } held)
                return held;
            await Task.Delay(_interval);
        }
    }

    /// <summary>Waits until no other process uses the lab.</summary>
    public async Task<IDisposable> LockAloneAsync()
    {
        while (true)
        {
            var held = await LockAsync();
            if (!HasOthers)
                return held;
            held.Dispose();
            await Task.Delay(_interval);
        }
    }

    /// <summary>Removes this process.</summary>
    public void Dispose() => _registration?.Dispose();

    private static bool IsLocked(string file)
    {
        using var held = TryLock(file);
        return held is null;
    }

    private static FileStream? TryLock(string file)
    {
        try
        {
            return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
