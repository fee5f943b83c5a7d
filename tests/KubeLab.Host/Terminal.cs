namespace KubeLab.Host;

/// <summary>What the host reads and writes.</summary>
/// <param name="In">Where answers come from.</param>
/// <param name="Out">Where all is shown.</param>
/// <param name="Error">Where errors go.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>A person looks at <see cref="Out"/>: bars are redrawn in place, and there is colour.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>A person types into <see cref="In"/>, key by key.</summary>
    public bool HasKeyboard { get; init; }

    /// <summary>Columns and rows; asked each time, for windows change.</summary>
    public Func<(int Width, int Height)> Size { get; init; } = () => (120, 50);

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        var terminal = new Terminal(Console.In, Console.Out, Console.Error)
        {
            IsTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb",
            HasKeyboard = !Console.IsInputRedirected,
        };
        return Console.IsOutputRedirected ? terminal
            : terminal with { Size = () => (Console.WindowWidth is > 0 and var width ? width : 80, Console.WindowHeight is > 0 and var height ? height : 24) };
    }
}
