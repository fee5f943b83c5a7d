using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace KubeLab.Pipeline;

/// <summary>A terminal of Linux or macOS in raw mode (termios(3)).</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UnixTerminal : RawTerminal
{
    private const int Interrupted = 4;
    private const short Readable = 1;
    // More than any system's struct termios; what is in it is the C library's own business.
    private readonly byte[] _before = new byte[256];
    private readonly FileStream _input = new(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
    private readonly AnonymousPipeServerStream _wake = new(PipeDirection.Out);

    public UnixTerminal()
    {
        var raw = new byte[_before.Length];
        if (GetAttributes(0, _before) != 0 || GetAttributes(0, raw) != 0)
            throw Refused();
        MakeRaw(raw);
        if (SetAttributes(0, 0, raw) != 0)
            throw Refused();
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop) => new(Task.Run(() =>
    {
        // A read that is left behind would take what is typed next, for the prompt: nothing is read before it is there.
        using var woken = stop.Register(() => _wake.WriteByte(0));
        Descriptor[] both = [new() { File = 0, Wanted = Readable }, new() { File = (int)_wake.ClientSafePipeHandle.DangerousGetHandle(), Wanted = Readable }];
        while (Poll(both, (nuint)both.Length, -1) < 0)
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw Refused();
        stop.ThrowIfCancellationRequested();
        return _input.Read(buffer.Span);
    }, CancellationToken.None));

    /// <inheritdoc/>
    public override IDisposable WhenResized(Action changed) => PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => changed());

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ = SetAttributes(0, 0, _before);
        _wake.Dispose();
        _input.Dispose();
        base.Dispose();
    }

    [DllImport("libc", EntryPoint = "tcgetattr", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetAttributes(int file, [Out] byte[] attributes);

    [DllImport("libc", EntryPoint = "tcsetattr", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAttributes(int file, int when, byte[] attributes);

    [DllImport("libc", EntryPoint = "cfmakeraw"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void MakeRaw([In, Out] byte[] attributes);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Poll([In, Out] Descriptor[] files, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Descriptor
    {
        public int File;
        public short Wanted;
        public short Seen;
    }
}
