namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A value that is made when it is first asked for, once for all who ask. Whoever gives up takes only itself out; a failure is not kept.</summary>
internal sealed class Once<T>(Func<CancellationToken, Task<T>> make) : IDisposable
    where T : class
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile T? _value;

    public async Task<T> GetAsync(CancellationToken stop)
    {
        if (_value is { } made)
            return made;
        await _turn.WaitAsync(stop);
        try
        {
            return _value ??= await make(stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
