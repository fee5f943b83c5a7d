using System.Collections.Concurrent;
using System.Management.Automation;
using KubeLab.Engine;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>The base of every cmdlet: work runs beside the pipeline, what it has to say is written on the pipeline's thread.</summary>
/// <remarks>ProcessRecord calls <see cref="Start"/> and returns, so that one machine's next stage overlaps another's last;
/// EndProcessing writes each result as it completes. Ctrl+C arrives at StopProcessing; Select-Object -First 1 arrives at
/// Dispose alone (seen in 7.6.5). Either ends the work.</remarks>
public abstract class KlCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<Action> _posts = [];
    private readonly List<Task> _running = [];
    private readonly ConcurrentDictionary<string, int> _bars = new();
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private int _changes;

    /// <summary>The engine of this process.</summary>
    protected static LabEngine Engine => LabEngine.Shared;

    /// <summary>Starts work on <paramref name="target"/> and returns at once. An exception becomes an ErrorRecord about it and never stops its siblings.</summary>
    protected void Start(object target, Func<IProgress<LabEvent>, CancellationToken, Task> work)
    {
        var events = new Reporter(this);
        _running.Add(Task.Run(async () =>
        {
            try
            {
                await work(events, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Whoever cancelled knows.
            }
            // An exception on a worker thread would end the whole PowerShell process.
#pragma warning disable CA1031
            catch (Exception error)
#pragma warning restore CA1031
            {
                Fail(target, error);
            }
        }, CancellationToken.None));
        Drain();
    }

    /// <summary>Starts work whose result is written to the pipeline.</summary>
    protected void Start<T>(object target, Func<IProgress<LabEvent>, CancellationToken, Task<T>> work) =>
        Start(target, async (events, stop) =>
        {
            var result = await work(events, stop);
            Write(result);
        });

    /// <summary>Writes what went wrong with <paramref name="target"/> to the error stream, from any thread; what else runs goes on.</summary>
    protected void Fail(object target, Exception error)
    {
        foreach (var one in error is AggregateException many ? [.. many.Flatten().InnerExceptions] : new[] { error })
            Post(() => WriteError(Errors.Record(one, target)));
    }

    /// <summary>Writes an object to the pipeline, from any thread.</summary>
    protected void Write(object? result) => Post(() => WriteObject(result, enumerateCollection: true));

    /// <summary>Runs <paramref name="write"/> on the pipeline's thread; the Write methods are allowed there alone.</summary>
    protected void Post(Action write)
    {
        try
        {
            _posts.Add(write);
        }
        catch (Exception late) when (late is InvalidOperationException or ObjectDisposedException)
        {
            // The pipeline has ended; nobody is left to read it.
        }
    }

    /// <summary>Waits for all that was started and writes what it says as it comes.</summary>
    protected override void EndProcessing()
    {
        var all = Task.WhenAll(_running).ContinueWith(_ => _posts.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        foreach (var write in _posts.GetConsumingEnumerable(CancellationToken.None))
            write();
        all.Wait();
        foreach (var (target, id) in _bars)
            WriteProgress(new ProgressRecord(id, target, "done") { RecordType = ProgressRecordType.Completed });
        WriteInformation(new Stage(MyInvocation.MyCommand.Name, TimeProvider.System.GetElapsedTime(_began), _changes), ["KubeLab.Stage"]);
    }

    /// <summary>Ctrl+C.</summary>
    protected override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what still runs and waits for it.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _posts.IsAddingCompleted && _running.TrueForAll(task => task.IsCompleted))
            return;
        _stop.Cancel();
        _posts.CompleteAdding();
        Task.WaitAll([.. _running], TimeSpan.FromSeconds(30));
        _stop.Dispose();
        _posts.Dispose();
    }

    private void Drain()
    {
        while (_posts.TryTake(out var write))
            write();
    }

    private void Show(LabEvent e)
    {
        switch (e.Kind)
        {
            case LabEventKind.Step:
                WriteVerbose($"{e.Target}: {e.Message}");
                WriteProgress(new ProgressRecord(_bars.GetOrAdd(e.Target, _ => _bars.Count + 1), e.Target, e.Message) { PercentComplete = e.Percent ?? -1 });
                break;
            case LabEventKind.Changed:
                _changes++;
                WriteVerbose($"{e.Target}: {e.Message}");
                WriteInformation(e, ["KubeLab.Changed"]);
                break;
            case LabEventKind.Warning:
                WriteWarning($"{e.Target}: {e.Message}");
                break;
            default:
                WriteDebug($"{e.Target}: {e.Message}");
                break;
        }
    }

    private sealed class Reporter(KlCmdlet cmdlet) : IProgress<LabEvent>
    {
        public void Report(LabEvent value) => cmdlet.Post(() => cmdlet.Show(value));
    }
}
