using System.Collections.Concurrent;
using System.Management.Automation;
using System.Threading.Channels;
using KubeLab.Engine;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Pipeline;

/// <summary>The base of every cmdlet: work runs beside the pipeline, what it has to say is written on the pipeline's thread.</summary>
/// <remarks>ProcessRecord calls <see cref="Start"/> and returns, so that one machine's next stage overlaps another's last;
/// EndProcessing writes each result as it completes, and shows the bars of the stages behind it too, for PowerShell lets no cmdlet
/// write before its turn. Ctrl+C arrives at StopProcessing; Select-Object -First 1 arrives at
/// Dispose alone (seen in 7.6.5). Either ends the work.</remarks>
public abstract class KlCmdlet : PSCmdlet, IDisposable
{
    // Ending a remote process group and taking back what is half made takes seconds; a work that hears nothing shall not hold the console.
    private static readonly TimeSpan LastBreath = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<(Action Write, LabEvent? Change)> _posts = Channel.CreateUnbounded<(Action, LabEvent?)>();
    private readonly ConcurrentQueue<LabEvent> _late = new();
    private readonly List<Task> _running = [];
    private readonly Dictionary<(KlCmdlet Of, string Target), int> _bars = [];
    private readonly HashSet<(KlCmdlet Of, string Target)> _shown = [];
    private readonly Dictionary<string, LabEvent> _lent = [];
    private readonly HashSet<string> _warned = [];
    private readonly List<LabEvent> _changes = [];
    private long _began;

    /// <summary>The engine of this process.</summary>
    protected static LabEngine Engine => LabEngine.Shared;

    /// <summary>Makes -Debug show debug lines and nothing else.</summary>
    protected override void BeginProcessing()
    {
        Quiet.Debug(this);
        if (KubectlOption.Refusal(MyInvocation) is { } refusal)
            ThrowTerminatingError(ErrorRecords.Record(refusal, refusal.Target));
    }

    /// <summary>Starts work on <paramref name="target"/> and returns at once. An exception becomes an ErrorRecord about it and never stops its siblings.</summary>
    /// <remarks>Called on the pipeline's thread.</remarks>
    protected void Start(object target, Func<IProgress<LabEvent>, CancellationToken, Task> work)
    {
        if (_running.Count == 0)
            _began = Engine.Clock.GetTimestamp();
        // The process's current folder is not this runspace's; the work inherits it.
        CloudFiles.CurrentFolder = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        var turn = ActiveCmdlet.OfThisThread;
        var events = new Reporter(this, turn);
        _running.Add(Task.Run(async () =>
        {
            LabEvents.Current = events;
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
            var name = target.ToString()!;
            if (turn.OtherThan(this) is { } other)
                other.Post(() => other.EndBar((this, name)));
            Post(() => EndBar((this, name)));
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
        foreach (var record in ErrorRecords.Records(error, target))
            Post(() => WriteError(record));
    }

    /// <summary>Writes an object to the pipeline, from any thread.</summary>
    protected void Write(object? result) => Post(() => WriteObject(result, enumerateCollection: true));

    /// <summary>Runs <paramref name="write"/> on the pipeline's thread, where alone the Write methods are allowed; once the cmdlet has ended, nowhere.</summary>
    /// <returns>Whether it has not ended.</returns>
    protected bool Post(Action write) => _posts.Writer.TryWrite((write, null));

    /// <summary>Sets $LASTEXITCODE, as a program does that is run in the shell itself; from any thread.</summary>
    protected void Exited(int code) => Post(() => SessionState.PSVariable.Set("global:LASTEXITCODE", code));

    /// <summary>Waits for all that was started and writes what it says as it comes.</summary>
    protected override void EndProcessing()
    {
        Task.WhenAll(_running).ContinueWith(_ => _posts.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        using var turn = ActiveCmdlet.OfThisThread.Take(this);
        Drain();
        foreach (var step in _lent.Values.ToList())
            ShowBar(this, step);
        try
        {
            while (_posts.Reader.WaitToReadAsync(_stop.Token).AsTask().GetAwaiter().GetResult())
                Drain();
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        foreach (var bar in _shown.ToList())
            EndBar(bar);
        if (_running.Count > 0)
            WriteInformation(new Stage(MyInvocation.MyCommand.Name, Engine.Clock.GetElapsedTime(_began), _changes.Count), ["KubeLab.Stage"]);
    }

    /// <summary>Ctrl+C.</summary>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself a moment ago.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what still runs and waits for it.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _posts.Writer.TryComplete();
        if (!_running.TrueForAll(task => task.IsCompleted))
        {
            _stop.Cancel();
            Task.WaitAll([.. _running], LastBreath);
        }
        // A pipeline that is being stopped takes no warning any more; the person at the console does.
        while (_late.TryDequeue(out var warning))
            Host.UI.WriteWarningLine(warning.ToString());
        _stop.Dispose();
    }

    private void Drain()
    {
        try
        {
            while (_posts.Reader.TryRead(out var post))
                post.Write();
        }
        catch (PipelineStoppedException) when (!_stop.IsCancellationRequested)
        {
            // A preference of Stop ends the pipeline in the middle of the work.
            TellChanges();
            throw;
        }
    }

    // PowerShell takes nothing for its streams any more, so the host shows it.
    private void TellChanges()
    {
        _stop.Cancel();
        Task.WaitAll([.. _running], LastBreath);
        while (_posts.Reader.TryRead(out var post))
            if (post.Change is { } change)
                _changes.Add(change);
        if (_changes.Count > 0)
            Host.UI.WriteWarningLine($"{MyInvocation.MyCommand.Name} was stopped after these changes:\n  {string.Join("\n  ", _changes)}");
    }

    private void Show(LabEvent e, bool lent)
    {
        switch (e.Kind)
        {
            case LabEventKind.Step:
                WriteVerbose(e.ToString());
                if (lent)
                    _lent[e.Target] = e;
                else
                    ShowBar(this, e);
                break;
            case LabEventKind.Changed:
                _changes.Add(e);
                WriteInformation(e, ["KubeLab.Changed"]);
                WriteVerbose(e.ToString());
                break;
            case LabEventKind.Warning:
                if (_warned.Add(e.ToString()))
                    WriteWarning(e.ToString());
                break;
            default:
                WriteDebug(e.ToString());
                break;
        }
    }

    private void ShowBar(KlCmdlet of, LabEvent e)
    {
        var bar = (of, e.Target);
        _lent.Remove(e.Target);
        _shown.Add(bar);
        if (!_bars.TryGetValue(bar, out var id))
            _bars[bar] = id = _bars.Count + 1;
        WriteProgress(new(id, Printable.Text(e.Target), Printable.Text(e.Message)) { PercentComplete = e.Percent ?? -1 });
    }

    private void EndBar((KlCmdlet Of, string Target) bar)
    {
        _lent.Remove(bar.Target);
        if (_shown.Remove(bar))
            WriteProgress(new(_bars[bar], Printable.Text(bar.Target), "done") { RecordType = ProgressRecordType.Completed });
    }

    private sealed class Reporter(KlCmdlet cmdlet, ActiveCmdlet turn) : IProgress<LabEvent>
    {
        public void Report(LabEvent value)
        {
            if (value.Kind == LabEventKind.Warning && cmdlet._stop.IsCancellationRequested)
            {
                cmdlet._late.Enqueue(value);
                return;
            }
            var lent = value.Kind == LabEventKind.Step && turn.OtherThan(cmdlet) is { } other && other.Post(() => other.ShowBar(cmdlet, value));
            cmdlet._posts.Writer.TryWrite((() => cmdlet.Show(value, lent), value.Kind == LabEventKind.Changed ? value : null));
        }
    }
}
