using Microsoft.Extensions.Time.Testing;

namespace KubeLab.Tests.Remote;

/// <summary>Counts how often a limit of a length began to count.</summary>
internal sealed class LimitClock(TimeSpan limit) : FakeTimeProvider
{
    public TimeSpan Limit => limit;

    public int Begun { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == limit)
            Begun++;
        return timer;
    }
}
