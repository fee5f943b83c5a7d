using System.Runtime.InteropServices;

namespace KubeLab.Host;

/// <summary>Ctrl+C and a polite kill end the pipeline, which cleans up after itself; a second one ends the process.</summary>
internal sealed class Signals : IDisposable
{
    private readonly PosixSignalRegistration[] _registered;
    private int _count;

    public Signals(ConsoleHost host)
    {
        void Handle(PosixSignalContext signal)
        {
            signal.Cancel = Interlocked.Increment(ref _count) == 1;
            // Stopping waits for the pipeline; the thread that delivers signals must be free for the second.
            if (signal.Cancel)
                _ = Task.Run(host.Stop);
        }
        _registered = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    public void Dispose() => Array.ForEach(_registered, one => one.Dispose());
}
