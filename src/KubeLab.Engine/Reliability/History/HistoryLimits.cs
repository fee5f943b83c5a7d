namespace KubeLab.Engine.Reliability.History;

/// <summary>What a history may contain. A file from elsewhere must not exhaust the memory or the stack.</summary>
internal static class HistoryLimits
{
    /// <summary>The maximum number of lists and maps inside each other.</summary>
    public const int Depth = 64;

    /// <summary>The maximum length of the text of an operation.</summary>
    public const int Length = 16 << 20;

    /// <summary>The maximum number of calls and answers.</summary>
    public const int Events = 10_000_000;
}
