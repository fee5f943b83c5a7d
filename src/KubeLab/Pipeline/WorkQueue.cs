using System.Collections.Concurrent;
using System.Threading.Channels;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>The background work of a cmdlet, and its output until the pipeline's thread writes it.</summary>
internal sealed class WorkQueue : IDisposable
{
    // Stopping a remote process and undoing a partial change takes seconds. Work that ignores cancellation must not block the console.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<WorkQueue, bool> Active = new();

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<(Action Write, LabEvent? Change)> _output = Channel.CreateUnbounded<(Action, LabEvent?)>();
    private readonly ConcurrentQueue<Task> _running = new();

    /// <summary>Whether no work was started.</summary>
    public bool IsEmpty => _running.IsEmpty;

    /// <summary>Whether the work was canceled.</summary>
    public bool IsCanceled => _stop.IsCancellationRequested;

    /// <summary>Starts work and returns at once. Cancellation is not an error.</summary>
    public void Start(Func<CancellationToken, Task> work, Action<Exception> failed, Action ended)
    {
        Active[this] = true;
        _running.Enqueue(Task.Run(async () =>
        {
            try
            {
                await work(_stop.Token);
            }
            catch (OperationCanceledException) when (IsCanceled)
            {
                // Cancellation is not an error.
            }
            // An unhandled exception on a worker thread would terminate the PowerShell process.
#pragma warning disable CA1031
            catch (Exception error)
#pragma warning restore CA1031
            {
                failed(error);
            }
            ended();
        }, CancellationToken.None));
    }

    /// <summary>Queues output for the pipeline's thread. Can be called from any thread.</summary>
    /// <param name="write">Writes it.</param>
    /// <param name="change">The change that it reports, if it reports one.</param>
    /// <returns>Whether output is still accepted.</returns>
    public bool Post(Action write, LabEvent? change = null) => _output.Writer.TryWrite((write, change));

    /// <summary>Writes the queued output.</summary>
    public void WriteOutput()
    {
        while (_output.Reader.TryRead(out var post))
            post.Write();
    }

    /// <summary>Calls <paramref name="write"/> whenever there is output, until all work has ended.</summary>
    /// <exception cref="OperationCanceledException">The work was canceled.</exception>
    public void WriteUntilEnd(Action write)
    {
        Task.WhenAll(_running).ContinueWith(_ => _output.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        while (_output.Reader.WaitToReadAsync(_stop.Token).AsTask().GetAwaiter().GetResult())
            write();
    }

    /// <summary>Cancels the work. Can be called from any thread, also after <see cref="Dispose"/>.</summary>
    public void Cancel()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The cmdlet has just ended.
        }
    }

    /// <summary>Cancels the work of all cmdlets of this process, in all runspaces, and waits for it.</summary>
    public static void CancelAll()
    {
        foreach (var queue in Active.Keys)
            queue.Cancel();
        Task.WaitAll([.. Active.Keys.SelectMany(queue => queue._running)], StopTimeout);
    }

    /// <summary>Cancels the work, waits for it, and returns the changes whose output was not written.</summary>
    public IReadOnlyList<LabEvent> Abort()
    {
        _stop.Cancel();
        Task.WaitAll([.. _running], StopTimeout);
        var changes = new List<LabEvent>();
        while (_output.Reader.TryRead(out var post))
            if (post.Change is { } change)
                changes.Add(change);
        return changes;
    }

    /// <summary>Accepts no more output. Cancels work that is running and waits for it.</summary>
    public void Close()
    {
        _output.Writer.TryComplete();
        if (_running.All(task => task.IsCompleted))
            return;
        _stop.Cancel();
        Task.WaitAll([.. _running], StopTimeout);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Active.TryRemove(this, out _);
        _stop.Dispose();
    }
}
