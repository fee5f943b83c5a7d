using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Remote;

/// <summary>Counts how often a timeout of a given length starts.</summary>
internal sealed class TimeoutClock(TimeSpan timeout) : FakeTimeProvider
{
    public TimeSpan Timeout => timeout;

    public int Started { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == timeout)
            Started++;
        return timer;
    }
}
