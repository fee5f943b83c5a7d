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
    // Larger than struct termios on any system; its content is opaque.
    private readonly byte[] _savedMode = new byte[256];
    private readonly FileStream _input = new(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
    private readonly AnonymousPipeServerStream _wake = new(PipeDirection.Out);

    public UnixTerminal()
    {
        var raw = new byte[_savedMode.Length];
        if (GetAttributes(0, _savedMode) != 0 || GetAttributes(0, raw) != 0)
            throw NotSupported();
        MakeRaw(raw);
        if (SetAttributes(0, 0, raw) != 0)
            throw NotSupported();
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop) => new(Task.Run(() =>
    {
        // Polls before it reads: a pending read would consume what is typed next at the prompt.
        using var woken = stop.Register(() => _wake.WriteByte(0));
        Descriptor[] both = [new() { File = 0, Wanted = Readable }, new() { File = (int)_wake.ClientSafePipeHandle.DangerousGetHandle(), Wanted = Readable }];
        while (Poll(both, (nuint)both.Length, -1) < 0)
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw NotSupported();
        stop.ThrowIfCancellationRequested();
        return _input.Read(buffer.Span);
    }, CancellationToken.None));

    /// <inheritdoc/>
    public override IDisposable WhenResized(Action changed) => PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => changed());

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ = SetAttributes(0, 0, _savedMode);
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
