namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>What an operation does to a state. States and values are numbers.</summary>
internal enum CallKind : byte
{
    /// <summary>Is possible in the state A only. Changes nothing.</summary>
    Read,

    /// <summary>Is possible in every state but A. Changes nothing.</summary>
    Differs,

    /// <summary>Sets the state to B.</summary>
    Write,

    /// <summary>Is possible in the state A, and sets it to B.</summary>
    Swap,

    /// <summary>Appends the text B to the text of the state.</summary>
    Append,
}

/// <summary>An operation as the search sees it.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="A">The state that it needs.</param>
/// <param name="B">The state or the text that it writes.</param>
/// <param name="Start">The time of the call.</param>
/// <param name="End">The time of the answer, or <see cref="Never"/> if the operation may also have had no effect.</param>
/// <param name="Source">The position of the operation in the history.</param>
internal readonly record struct Call(CallKind Kind, int A, int B, long Start, long End, int Source)
{
    /// <summary>The end of an operation whose outcome is unknown.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Whether the operation may have had no effect.</summary>
    public bool IsOptional => End == Never;

    /// <summary>Whether it never changes the state.</summary>
    public bool IsPure => Kind is CallKind.Read or CallKind.Differs;

    /// <summary>Whether it needs a certain state.</summary>
    public bool Observes => Kind is CallKind.Read or CallKind.Differs or CallKind.Swap;
}
