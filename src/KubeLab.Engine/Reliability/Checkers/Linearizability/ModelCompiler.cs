namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Describes the operations of one key for the search.</summary>
internal abstract class ModelCompiler
{
    /// <summary>The number of the state at the beginning.</summary>
    public int Initial { get; protected init; }

    /// <summary>The texts, if operations append.</summary>
    public virtual TextStates? Texts => null;

    /// <summary>Describes an operation, or returns null if the model does not have it.</summary>
    public abstract (CallKind Kind, int A, int B)? Describe(KlOperation operation);
}
