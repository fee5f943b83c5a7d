using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack.Client;

public sealed class OnceTests
{
    private readonly TaskCompletionSource<string> _made = new();
    private int _tries;

    [Fact]
    public async Task A_failure_is_shared_by_waiting_callers_and_not_kept()
    {
        using var once = new Once<string>(MakeAsync);
        var all = Enumerable.Range(0, 10).Select(_ => once.GetAsync(CancellationToken.None)).ToList();
        _made.SetException(new KlException("CloudDenied", KlErrorKind.Denied, "lab", "no"));
        Assert.Single((await Task.WhenAll(all.Select(one => Assert.ThrowsAsync<KlException>(() => one)))).Distinct());
        Assert.Equal(1, _tries);
        await Assert.ThrowsAsync<KlException>(() => once.GetAsync(CancellationToken.None));
        Assert.Equal(2, _tries);
    }

    [Fact]
    public async Task A_cancelled_caller_does_not_affect_others()
    {
        using var once = new Once<string>(MakeAsync);
        using var stop = new CancellationTokenSource();
        var (first, second) = (once.GetAsync(stop.Token), once.GetAsync(CancellationToken.None));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _made.SetResult("made");
        Assert.Equal("made", await second);
    }

    [Fact]
    public async Task An_invalid_value_is_created_again_once()
    {
        using var once = new Once<string>(_ => Task.FromResult($"{++_tries}"));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => once.GetAsync(CancellationToken.None)));
        var again = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => once.GetAsync(value => value != "1", CancellationToken.None)));
        Assert.All(again, value => Assert.Equal("2", value));
        Assert.Equal(2, _tries);
    }

    private Task<string> MakeAsync(CancellationToken stop)
    {
        _tries++;
        return _made.Task.WaitAsync(stop);
    }
}
