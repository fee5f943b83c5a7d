namespace KubeLab.Engine.Pods;

/// <summary>The terminal in front of someone, for a program elsewhere alone; disposed, it is as it was before.</summary>
public interface ITerminal : IDisposable
{
    /// <summary>Columns and rows.</summary>
    (int Width, int Height) Size { get; }

    /// <summary>What is typed, byte for byte: Ctrl+C is a byte like any other.</summary>
    /// <param name="buffer">Takes it.</param>
    /// <param name="stop">Ends it; nothing that is typed later is taken.</param>
    /// <returns>How many bytes; 0: there will be no more.</returns>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop);

    /// <summary>Shows bytes as they are.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken stop);

    /// <summary>Calls whenever <see cref="Size"/> has changed, until the result is disposed.</summary>
    IDisposable WhenResized(Action changed);
}
