namespace KubeLab.Engine.Pods;

/// <summary>The user's terminal in raw mode, for a remote program. Dispose restores it.</summary>
public interface ITerminal : IDisposable
{
    /// <summary>Columns and rows.</summary>
    (int Width, int Height) Size { get; }

    /// <summary>Reads typed bytes. Ctrl+C is an ordinary byte.</summary>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="stop">Cancels the operation. Later input is not consumed.</param>
    /// <returns>The number of bytes; 0 at the end of input.</returns>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop);

    /// <summary>Writes bytes unchanged.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken stop);

    /// <summary>Calls <paramref name="changed"/> when <see cref="Size"/> changes, until the result is disposed.</summary>
    IDisposable WhenResized(Action changed);
}
