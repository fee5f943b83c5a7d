namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A value that is created on first use and shared. Cancellation affects only the caller that is cancelled.
/// Callers that wait during a failure share it (if each tried a wrong password, the account would be locked). Later callers try again.</summary>
internal sealed class Once<T>(Func<CancellationToken, Task<T>> create) : IDisposable
    where T : class
{
    private readonly SemaphoreSlim _lock = new(1);
    private volatile T? _value;
    private volatile int _failures;
    private KlException? _failure;

    public Task<T> GetAsync(CancellationToken stop) => GetAsync(_ => true, stop);

    /// <summary>The value, or a new one if it has become invalid.</summary>
    public async Task<T> GetAsync(Func<T, bool> isValid, CancellationToken stop)
    {
        if (_value is { } created && isValid(created))
            return created;
        var before = _failures;
        await _lock.WaitAsync(stop);
        try
        {
            if (_value is { } now && isValid(now))
                return now;
            return _failures == before ? _value = await create(stop) : throw _failure!;
        }
        catch (KlException error) when (error != _failure)
        {
            _failure = error;
            _failures++;
            throw;
        }
        finally
        {
            _lock.Release();
        }
    }

    public void Dispose() => _lock.Dispose();
}
