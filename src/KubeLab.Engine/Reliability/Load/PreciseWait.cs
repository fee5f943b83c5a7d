using System.Runtime.InteropServices;

namespace KubeLab.Engine.Reliability.Load;

/// <summary>Waits with a precision of some microseconds. Timers of .NET have a resolution of a millisecond.</summary>
internal static class PreciseWait
{
    // Linux wakes a thread up to 50 microseconds late (timer slack, prctl(2)), Windows up to a tick of its clock.
    private static readonly TimeSpan Slack = TimeSpan.FromMicroseconds(60);
    private static readonly TimeSpan WindowsTick = TimeSpan.FromMilliseconds(16);

    /// <summary>Waits for at most this time. The caller waits again for what is left, which gets shorter each time.</summary>
    /// <param name="time">The time, less than a second.</param>
    public static void AtMost(TimeSpan time)
    {
        if (OperatingSystem.IsWindows() && time > WindowsTick)
            Thread.Sleep(time - WindowsTick);
        else if (OperatingSystem.IsWindows())
            Thread.Yield();
        else if (time > Slack)
            _ = Sleep((uint)(time - Slack).TotalMicroseconds);
        else
            Thread.SpinWait(10);
    }

    [DllImport("libc", EntryPoint = "usleep"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sleep(uint microseconds);
}
