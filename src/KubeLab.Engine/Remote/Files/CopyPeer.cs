namespace KubeLab.Engine.Remote.Files;

/// <summary>The container or machine that files are copied to or from.</summary>
/// <param name="name">The target of errors and warnings.</param>
/// <param name="text">Its description in messages.</param>
internal abstract class CopyPeer(string name, string text)
{
    /// <summary>The target of errors and warnings.</summary>
    public string Name => name;

    /// <summary>What it is: container or machine.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether the length of standard input must be known before the command starts.</summary>
    public abstract bool NeedsLength { get; }

    /// <summary>Runs a command.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="input">Standard input, or null.</param>
    /// <param name="write">Receives the output: whether it is standard error, and the bytes.</param>
    /// <param name="stop">Stops the command.</param>
    /// <returns>The exit code.</returns>
    public abstract Task<int> RunAsync(
        string[] command, Stream? input, Func<bool, ReadOnlyMemory<byte>, ValueTask> write, CancellationToken stop);

    /// <summary>The description.</summary>
    public override string ToString() => text;
}
