using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Flow;

/// <summary>A clock that advances only with Task.Delay, which completes at once. Other timeouts do not expire, however slow the computer is.</summary>
internal class QuickClock : FakeTimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        // The state is the task for Task.Delay and WaitAsync, but not for a CancellationTokenSource. Not for code that uses WaitAsync with this clock.
        if (state is Task)
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        return timer;
    }
}
