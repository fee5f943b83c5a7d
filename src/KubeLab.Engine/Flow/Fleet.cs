using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace KubeLab.Engine.Flow;

/// <summary>The outcome for one item: a result or an exception.</summary>
/// <param name="Item">The item.</param>
/// <param name="Result">The result, unless <paramref name="Error"/> is set.</param>
/// <param name="Error">The exception, if the work failed.</param>
public sealed record Outcome<TItem, TResult>(TItem Item, TResult? Result, Exception? Error);

/// <summary>Runs the same work for many items in parallel.</summary>
public static class Fleet
{
    /// <summary>Runs the work for at most <paramref name="limit"/> items at a time and returns each outcome as it completes.
    /// A failure does not stop the other items.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signaled; all work has ended.</exception>
    public static async IAsyncEnumerable<Outcome<TItem, TResult>> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, CancellationToken, Task<TResult>> work, int limit,
        [EnumeratorCancellation] CancellationToken stop)
    {
        var outcomes = Channel.CreateUnbounded<Outcome<TItem, TResult>>();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var options = new ParallelOptions { MaxDegreeOfParallelism = limit, CancellationToken = left.Token };
        var all = Parallel.ForEachAsync(items, options, async (item, token) =>
        {
            try
            {
                outcomes.Writer.TryWrite(new(item, await work(item, token), null));
            }
            catch (Exception error) when (!token.IsCancellationRequested)
            {
                outcomes.Writer.TryWrite(new(item, default, error));
            }
        }).ContinueWith(done => outcomes.Writer.Complete(stop.IsCancellationRequested ? new OperationCanceledException(stop) : done.Exception?.InnerException),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var outcome in outcomes.Reader.ReadAllAsync(CancellationToken.None))
                yield return outcome;
        }
        finally
        {
            // If the caller stops enumerating early, the remaining work is canceled.
            await left.CancelAsync();
            await all;
        }
    }

    /// <summary>Runs the work for all items and returns the results in the order of the items.</summary>
    /// <exception cref="AggregateException">Several items failed. A single exception is thrown as it is. All work has ended.</exception>
    public static async Task<IReadOnlyList<TResult>> AllAsync<TItem, TResult>(
        IReadOnlyList<TItem> items, Func<TItem, CancellationToken, Task<TResult>> work, int limit, CancellationToken stop)
    {
        var results = new TResult[items.Count];
        var errors = new List<Exception>();
        await foreach (var outcome in RunAsync(Enumerable.Range(0, items.Count), async (i, token) => results[i] = await work(items[i], token), limit, stop))
            if (outcome.Error is not null)
                errors.Add(outcome.Error);
        return errors.Count switch
        {
            0 => results,
            1 => throw errors[0],
            _ => throw new AggregateException(errors),
        };
    }
}
