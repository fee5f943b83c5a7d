using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using KubeLab.Engine;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>Base class of all cmdlets: runs work in the background and writes its output on the pipeline's thread.</summary>
/// <remarks>ProcessRecord calls <see cref="Start"/> and returns, so that the stages of different machines overlap. EndProcessing writes each result as it
/// completes. It also shows the progress of later stages, because PowerShell does not let a cmdlet write before it is called. Ctrl+C calls
/// StopProcessing; Select-Object -First 1 calls only Dispose (observed in 7.6.5). Both cancel the work.</remarks>
public abstract class KlCmdlet : PSCmdlet, IDisposable
{
    private readonly WorkQueue _work = new();
    private readonly ProgressBoard _board;
    private readonly ConcurrentQueue<LabEvent> _lateWarnings = new();
    private readonly HashSet<string> _shownWarnings = [];
    private readonly List<LabEvent> _changes = [];
    private DateTimeOffset _pipelineStart;
    private long _startTime;

    /// <summary>Creates the cmdlet.</summary>
    protected KlCmdlet() => _board = new(this);

    /// <summary>The engine of this process.</summary>
    protected static LabEngine Engine => LabEngine.Shared;

    /// <summary>Prepares -Debug and rejects options in the syntax of kubectl.</summary>
    protected override void BeginProcessing()
    {
        // PowerShell calls this method of all cmdlets of a pipeline before the first one gets to work.
        _pipelineStart = Engine.Clock.GetUtcNow();
        DebugSwitch.DisablePrompts(this);
        if (KubectlOption.Detect(MyInvocation) is { } refusal)
            ThrowTerminatingError(ErrorRecords.Record(refusal, refusal.Target));
    }

    /// <summary>Starts work on <paramref name="target"/> and returns at once. An exception becomes an error record and does not stop other work.</summary>
    /// <remarks>Must be called on the pipeline's thread.</remarks>
    protected void Start(object target, Func<IProgress<LabEvent>, CancellationToken, Task> work)
    {
        if (_work.IsEmpty)
            _startTime = Engine.Clock.GetTimestamp();
        // The current folder of the process differs from that of the runspace. The work inherits this value.
        CurrentFolder.Path = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        var active = ActiveCmdlet.Current;
        var events = new Reporter(this, active);
        var name = target.ToString()!;
        _work.Start(stop =>
        {
            LabEvents.Current = events;
            return work(events, stop);
        }, error => Fail(target, error), () =>
        {
            if (active.OtherThan(this) is { } other)
                other.Post(() => other._board.End(this, name));
            Post(() => _board.End(this, name));
        });
        WriteOutput();
    }

    /// <summary>Starts work and writes its result to the pipeline.</summary>
    protected void Start<T>(object target, Func<IProgress<LabEvent>, CancellationToken, Task<T>> work) =>
        Start(target, async (events, stop) =>
        {
            var result = await work(events, stop);
            Write(result);
        });

    /// <summary>Writes an error for <paramref name="target"/>. Other work continues. Can be called from any thread.</summary>
    protected void Fail(object target, Exception error)
    {
        foreach (var record in ErrorRecords.Records(error, target))
            Post(() => WriteError(record));
    }

    /// <summary>Writes an object to the pipeline. Can be called from any thread.</summary>
    protected void Write(object? result) => Post(() => WriteObject(result, enumerateCollection: true));

    /// <summary>Runs <paramref name="write"/> on the pipeline's thread, where the Write methods must be called. Does nothing after the cmdlet has
    /// ended.</summary>
    /// <returns>Whether the cmdlet is still running.</returns>
    protected bool Post(Action write) => _work.Post(write);

    /// <summary>Calls ShouldProcess or ShouldContinue on the pipeline's thread, where they must be called, and returns the result.</summary>
    private protected Task<T> AskAsync<T>(Func<T> ask, CancellationToken stop)
    {
        var answer = new TaskCompletionSource<T>();
        Post(() => answer.SetResult(ask()));
        return answer.Task.WaitAsync(stop);
    }

    /// <summary>Sets $LASTEXITCODE, as PowerShell does for native programs. Can be called from any thread.</summary>
    protected void SetExitCode(int code) => Post(() => SessionState.PSVariable.Set("global:LASTEXITCODE", code));

    /// <summary>Waits for the started work and writes its output as it arrives.</summary>
    protected override void EndProcessing()
    {
        using var active = ActiveCmdlet.Current.Activate(this);
        WriteOutput();
        _board.ShowDelegated();
        try
        {
            _work.WriteUntilEnd(WriteOutput);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        _board.EndAll();
        if (_work.IsEmpty)
            return;
        var stage = new Stage(MyInvocation.MyCommand.Name, Engine.Clock.GetElapsedTime(_startTime), _changes.Count);
        WriteInformation(stage, ["KubeLab.Stage"]);
        if (stage.Changes > 0)
            WriteVerbose(Engine.Clock.GetUtcNow(), stage);
    }

    /// <summary>Called on Ctrl+C.</summary>
    protected override void StopProcessing() => _work.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Cancels the running work and waits for it.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _work.Close();
        // A pipeline that is being stopped does not accept warnings, so the host shows them.
        while (_lateWarnings.TryDequeue(out var warning))
            Host.UI.WriteWarningLine(warning.ToString());
        _work.Dispose();
    }

    private void WriteOutput()
    {
        try
        {
            _work.WriteOutput();
        }
        catch (PipelineStoppedException) when (!_work.IsCanceled)
        {
            // ErrorActionPreference Stop ends the pipeline while work is running.
            ReportChanges();
            throw;
        }
    }

    // PowerShell's streams are closed, so the host shows the warning.
    private void ReportChanges()
    {
        _changes.AddRange(_work.Abort());
        if (_changes.Count > 0)
            Host.UI.WriteWarningLine($"{MyInvocation.MyCommand.Name} was stopped after these changes:\n  {string.Join("\n  ", _changes)}");
    }

    private void Show(LabEvent e, bool isDelegated)
    {
        switch (e.Kind)
        {
            case LabEventKind.Step:
                WriteVerbose(e.Time, e);
                if (isDelegated)
                    _board.Delegate(e);
                else
                    _board.Show(this, e);
                break;
            case LabEventKind.Changed:
                _changes.Add(e);
                WriteInformation(e, ["KubeLab.Changed"]);
                WriteVerbose(e.Time, e);
                break;
            case LabEventKind.Warning:
                if (_shownWarnings.Add(e.ToString()) || e.Repeats)
                    WriteWarning(e.ToString());
                break;
            default:
                WriteDebug(e.ToString());
                break;
        }
    }

    // With the seconds since the pipeline was started.
    private void WriteVerbose(DateTimeOffset time, object text) =>
        WriteVerbose(string.Create(CultureInfo.InvariantCulture, $"{(time - _pipelineStart).TotalSeconds,6:0.0} s  {text}"));

    private sealed class Reporter(KlCmdlet cmdlet, ActiveCmdlet active) : IProgress<LabEvent>
    {
        public void Report(LabEvent value)
        {
            value = value with { Time = Engine.Clock.GetUtcNow() };
            if (value.Kind == LabEventKind.Warning && cmdlet._work.IsCanceled)
            {
                cmdlet._lateWarnings.Enqueue(value);
                return;
            }
            var isDelegated = value.Kind == LabEventKind.Step && active.OtherThan(cmdlet) is { } other && other.Post(() => other._board.Show(cmdlet, value));
            cmdlet._work.Post(() => cmdlet.Show(value, isDelegated), value.Kind == LabEventKind.Changed ? value : null);
        }
    }
}
