using System.Collections.Concurrent;
using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class FleetTests
{
    [Fact]
    public async Task Each_outcome_is_returned_as_it_completes()
    {
        var gates = new[] { new TaskCompletionSource<string>(), new TaskCompletionSource<string>() };
        await using var outcomes = Fleet.RunAsync([0, 1], (i, _) => gates[i].Task, 2, default).GetAsyncEnumerator();
        gates[1].SetResult("second");
        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal(new(1, "second", null), outcomes.Current);
        gates[0].SetResult("first");
        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal(new(0, "first", null), outcomes.Current);
        Assert.False(await outcomes.MoveNextAsync());
    }

    [Fact]
    public async Task A_failure_does_not_stop_the_other_items()
    {
        var outcomes = new List<Outcome<int, int>>();
        await foreach (var outcome in Fleet.RunAsync([1, 0, 2], (i, _) => Task.FromResult(10 / i), 1, default))
            outcomes.Add(outcome);
        Assert.Equal([(1, 10), (0, 0), (2, 5)], outcomes.Select(outcome => (outcome.Item, outcome.Result)));
        Assert.IsType<DivideByZeroException>(outcomes[1].Error);
    }

    [Fact]
    public async Task At_max_the_limit_runs_at_once()
    {
        var (now, max) = (0, 0);
        await Fleet.AllAsync([.. Enumerable.Range(0, 20)], async (_, _) =>
        {
            max = Math.Max(max, Interlocked.Increment(ref now));
            await Task.Yield();
            Interlocked.Decrement(ref now);
            return 0;
        }, 3, default);
        Assert.InRange(max, 1, 3);
    }

    [Fact]
    public async Task Stopping_the_enumeration_cancels_the_remaining_work_and_waits_for_it()
    {
        var ended = new ConcurrentQueue<int>();
        await foreach (var outcome in Fleet.RunAsync([0, 1, 2], async (i, stop) =>
        {
            if (i == 0)
                return i;
            try
            {
                await Task.Delay(Timeout.Infinite, stop);
                return i;
            }
            finally
            {
                ended.Enqueue(i);
            }
        }, 3, default))
        {
            Assert.Equal(0, outcome.Item);
            break;
        }
        // Work that had not started is not in the list.
        Assert.All(ended, i => Assert.NotEqual(0, i));
    }

    [Fact]
    public async Task Cancellation_is_reported_after_all_work_has_ended()
    {
        using var stop = new CancellationTokenSource();
        var (started, ended) = (0, 0);
        var running = Fleet.AllAsync([1, 2, 3], async (i, token) =>
        {
            if (Interlocked.Increment(ref started) == 3)
                await stop.CancelAsync();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
            return i;
        }, 3, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(3, ended);
    }

    [Fact]
    public async Task A_cancellation_inside_the_work_is_an_error()
    {
        var error = await Assert.ThrowsAsync<TaskCanceledException>(
            () => Fleet.AllAsync<int, int>([1], (_, _) => throw new TaskCanceledException("its own timeout"), 1, default));
        Assert.Equal("its own timeout", error.Message);
    }

    [Fact]
    public async Task Results_are_in_the_order_of_the_items()
    {
        Assert.Equal([3, 2, 1], await Fleet.AllAsync([3, 2, 1], async (i, _) =>
        {
            await Task.Yield();
            return i;
        }, 3, default));
    }

    [Fact]
    public async Task A_single_error_is_thrown_as_it_is_and_several_as_an_aggregate_after_all_work_has_ended()
    {
        var ended = 0;
        Task<int> Work(int i, CancellationToken _) =>
            Interlocked.Increment(ref ended) > 0 && i > 0 ? throw new KlException("Bad", KlErrorKind.Failed, $"{i}", "bad") : Task.FromResult(i);
        Assert.Equal("1", (await Assert.ThrowsAsync<KlException>(() => Fleet.AllAsync([1, 0], Work, 2, default))).Target);
        var both = await Assert.ThrowsAsync<AggregateException>(() => Fleet.AllAsync([1, 0, 2], Work, 1, default));
        Assert.Equal(["1", "2"], both.InnerExceptions.Cast<KlException>().Select(error => error.Target));
        Assert.Equal(5, ended);
    }
}
