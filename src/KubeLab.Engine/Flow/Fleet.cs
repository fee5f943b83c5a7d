using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace KubeLab.Engine.Flow;

/// <summary>What became of one item of a fleet: a result, or the exception that ended its work.</summary>
/// <param name="Item">What was worked on.</param>
/// <param name="Result">The result, unless <paramref name="Error"/> is set.</param>
/// <param name="Error">Why there is none.</param>
public sealed record Outcome<TItem, TResult>(TItem Item, TResult? Result, Exception? Error);

/// <summary>The same work on many things at once.</summary>
public static class Fleet
{
    /// <summary>Works on all items, at most <paramref name="limit"/> at a time; outcomes come as each finishes, and one failure never stops its siblings.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was signalled; all work has ended by then.</exception>
    public static async IAsyncEnumerable<Outcome<TItem, TResult>> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, CancellationToken, Task<TResult>> work, int limit,
        [EnumeratorCancellation] CancellationToken stop)
    {
        var outcomes = Channel.CreateUnbounded<Outcome<TItem, TResult>>();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var all = Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = limit, CancellationToken = left.Token }, async (item, token) =>
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
            // A caller that leaves early takes the work with it.
            await left.CancelAsync();
            await all;
        }
    }

    /// <summary>Works on all items and returns the results in the items' order.</summary>
    /// <exception cref="AggregateException">Some failed, after all have ended; one alone is thrown as itself.</exception>
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
