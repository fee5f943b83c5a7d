using System.Collections.Concurrent;
using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Base class of cmdlets that run a script beside a load.</summary>
public abstract class MeasurementCmdlet : KlCmdlet
{
    /// <summary>A script that runs once beside the load, for example to start faults. Its output is discarded. It does not run if the target does not
    /// respond before.</summary>
    [Parameter]
    public virtual ScriptBlock? During { get; set; }

    private readonly ConcurrentQueue<ErrorRecord> _errors = new();

    /// <summary>Writes a result and then the error of -During, which can end the pipeline.</summary>
    private protected async Task WriteAsync<T>(Task<T> result)
    {
        try
        {
            Write(await result);
        }
        finally
        {
            while (_errors.TryDequeue(out var error))
                Post(() => WriteError(error));
        }
    }

    /// <summary>Runs -During. If it does not reach its end, ends the faults that it started.</summary>
    /// <param name="target">The value of $_, or null.</param>
    /// <param name="started">The start of the measurement.</param>
    /// <param name="events">Receives warnings.</param>
    private protected async Task RunDuringAsync(object? target, DateTimeOffset started, IProgress<LabEvent> events)
    {
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isComplete = false;
        // A script runs on the pipeline's thread only. This thread is free while the load runs, because EndProcessing waits for output.
        Post(() =>
        {
            try
            {
                // As Measure-Command: in the scope of the caller.
                if (target is null)
                    InvokeCommand.InvokeScript(useLocalScope: false, During, null);
                else
                    During!.InvokeWithContext(null, [new("_", target)]);
                isComplete = true;
            }
            catch (RuntimeException error) when (error is not PipelineStoppedException)
            {
                _errors.Enqueue(error.ErrorRecord);
            }
            finally
            {
                ended.TrySetResult(isComplete);
            }
        });
        // The faults of a script that did not reach its end may be waiting for the rest of it.
        if (!await ended.Task)
            await Engine.Faults.StopSinceAsync(started, events);
    }
}
