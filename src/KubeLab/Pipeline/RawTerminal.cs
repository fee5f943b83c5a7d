using System.Runtime.InteropServices;
using KubeLab.Engine.Pods;

namespace KubeLab.Pipeline;

/// <summary>The terminal of this process in raw mode. .NET's Console reads lines, or only keys that it recognizes.</summary>
internal abstract class RawTerminal : ITerminal
{
    private readonly Stream _output = Console.OpenStandardOutput();

    /// <inheritdoc/>
    public (int Width, int Height) Size => Console.WindowWidth > 0 && Console.WindowHeight > 0 ? (Console.WindowWidth, Console.WindowHeight) : (80, 24);

    /// <summary>Opens the terminal in raw mode. Dispose restores it.</summary>
    /// <exception cref="KlException">TerminalNeeded.</exception>
    public static ITerminal Open() => OperatingSystem.IsWindows() ? new WindowsTerminal() : new UnixTerminal();

    /// <inheritdoc/>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        await _output.WriteAsync(data, stop);
        await _output.FlushAsync(stop);
    }

    /// <inheritdoc/>
    public abstract IDisposable WhenResized(Action changed);

    /// <inheritdoc/>
    public virtual void Dispose() => _output.Dispose();

    /// <summary>The error for a terminal that cannot be set to raw mode.</summary>
    private protected static KlException NotSupported() => new(ErrorIds.TerminalNeeded, KlErrorKind.InvalidInput, "terminal",
        $"The terminal cannot be switched to raw mode: {Marshal.GetLastPInvokeErrorMessage()}.",
        "Run the cmdlet at an interactive prompt, or use Invoke-KlPodCommand.");
}
