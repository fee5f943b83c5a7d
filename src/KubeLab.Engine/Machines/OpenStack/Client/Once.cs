namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A value that is made when it is first asked for, once for all who ask. Whoever gives up takes only itself out.
/// Those who waited while it failed share the failure (a wrong password tried by each would lock the account); those who come later try again.</summary>
internal sealed class Once<T>(Func<CancellationToken, Task<T>> make) : IDisposable
    where T : class
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile T? _value;
    private volatile int _failures;
    private KlException? _failure;

    public Task<T> GetAsync(CancellationToken stop) => GetAsync(_ => true, stop);

    /// <summary>The value, or another where it is not good any more.</summary>
    public async Task<T> GetAsync(Func<T, bool> isGood, CancellationToken stop)
    {
        if (_value is { } made && isGood(made))
            return made;
        var before = _failures;
        await _turn.WaitAsync(stop);
        try
        {
            if (_value is { } now && isGood(now))
                return now;
            return _failures == before ? _value = await make(stop) : throw _failure!;
        }
        catch (KlException error) when (error != _failure)
        {
            _failure = error;
            _failures++;
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
