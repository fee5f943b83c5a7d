using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Flow;

/// <summary>A clock on which nothing but a pause (Task.Delay) takes time, and a pause is over as soon as it began: however slow the computer, no limit passes while work is under way.</summary>
internal class QuickClock : FakeTimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        // Task.Delay gives the task itself, a CancellationTokenSource's limit does not. WaitAsync's limit would: not for code that has one by this clock.
        if (state is Task)
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        return timer;
    }
}
