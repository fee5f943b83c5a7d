using System.Runtime.InteropServices;
using KubeLab.Engine.Pods;

namespace KubeLab.Pipeline;

/// <summary>The terminal of this process, every key untouched. .NET's own console reads lines, or keys that it knows.</summary>
internal abstract class RawTerminal : ITerminal
{
    private readonly Stream _output = Console.OpenStandardOutput();

    /// <inheritdoc/>
    public (int Width, int Height) Size => Console.WindowWidth > 0 && Console.WindowHeight > 0 ? (Console.WindowWidth, Console.WindowHeight) : (80, 24);

    /// <summary>Takes the terminal, until it is disposed.</summary>
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

    /// <summary>The error of a terminal that does not let itself be set.</summary>
    private protected static KlException Refused() => new(ErrorIds.TerminalNeeded, KlErrorKind.InvalidInput, "terminal",
        $"The terminal cannot be set for an interactive session: {Marshal.GetLastPInvokeErrorMessage()}.", "Run it at a prompt, or use Invoke-KlPodCommand.");
}
