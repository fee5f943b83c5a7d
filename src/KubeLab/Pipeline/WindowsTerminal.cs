using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace KubeLab.Pipeline;

/// <summary>A Windows console that reads keys as virtual terminal sequences.</summary>
/// <remarks>learn.microsoft.com/windows/console: SetConsoleMode, console virtual terminal sequences.</remarks>
[SupportedOSPlatform("windows")]
internal sealed class WindowsTerminal : RawTerminal
{
    private const int StandardInput = -10;
    private const uint ProcessedLineEcho = 0x1 | 0x2 | 0x4;
    private const uint Sequences = 0x200;
    private static readonly TimeSpan SizeInterval = TimeSpan.FromMilliseconds(250);
    private readonly IntPtr _input = GetHandle(StandardInput);
    private readonly Encoding _encoding = Console.OutputEncoding;
    private readonly uint _savedMode;

    public WindowsTerminal()
    {
        if (!GetMode(_input, out _savedMode) || !SetMode(_input, _savedMode & ~ProcessedLineEcho | Sequences))
            throw NotSupported();
        Console.OutputEncoding = Encoding.UTF8;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop) => new(Task.Run(() =>
    {
        using var input = new EventWaitHandle(false, EventResetMode.ManualReset) { SafeWaitHandle = new SafeWaitHandle(_input, ownsHandle: false) };
        // The console also signals for events that are not keys.
        while (!Console.KeyAvailable)
        {
            WaitHandle.WaitAny([input, stop.WaitHandle]);
            stop.ThrowIfCancellationRequested();
        }
        var keys = new StringBuilder();
        while (Console.KeyAvailable && Encoding.UTF8.GetMaxByteCount(keys.Length + 2) < buffer.Length)
            keys.Append(Console.ReadKey(intercept: true).KeyChar);
        return Encoding.UTF8.GetBytes(keys.ToString(), buffer.Span);
    }, CancellationToken.None));

    /// <inheritdoc/>
    public override IDisposable WhenResized(Action changed)
    {
        var lastSize = Size;
        return new Timer(_ =>
        {
            if (Size != lastSize)
            {
                lastSize = Size;
                changed();
            }
        }, null, SizeInterval, SizeInterval);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ = SetMode(_input, _savedMode);
        Console.OutputEncoding = _encoding;
        base.Dispose();
    }

    [DllImport("kernel32", EntryPoint = "GetStdHandle"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr GetHandle(int which);

    [DllImport("kernel32", EntryPoint = "GetConsoleMode", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetMode(IntPtr console, out uint mode);

    [DllImport("kernel32", EntryPoint = "SetConsoleMode", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetMode(IntPtr console, uint mode);
}
