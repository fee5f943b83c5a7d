namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>A lock that is free at the beginning. Only a free lock can be acquired, and only a held one released.</summary>
internal sealed class MutexCompiler : ModelCompiler
{
    private const int Free = 0;
    private const int Held = 1;

    public override (CallKind Kind, int A, int B)? Describe(KlOperation operation) => operation.Function switch
    {
        "acquire" => (CallKind.Swap, Free, Held),
        "release" => (CallKind.Swap, Held, Free),
        _ => null,
    };
}
